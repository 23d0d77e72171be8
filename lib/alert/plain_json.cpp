// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/plain_json.h"

#include "lib/json/json.h"

namespace sockwatch {

PlainJson::PlainJson(std::string hostname, WebhookLabels labels)
    : hostname_(std::move(hostname)), labels_(std::move(labels)) {}

std::string PlainJson::render(const Alert& alert) const {
  std::vector<Field> labels;
  for (const auto& [name, value] : labels_) labels.push_back({name, value});
  const std::vector<std::string> alerts{alert_json(alert)};
  std::vector<JsonMember> members{{"hostname", json_text(hostname_)}};
  if (!labels.empty()) members.push_back({"labels", json_object(labels)});
  members.push_back({"alerts", json_list(alerts)});
  return json_document(members);
}

}  // namespace sockwatch
