// SPDX-License-Identifier: Apache-2.0
#include "daemon/describe.h"

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/config/setting_keys.h"
#include "lib/config/webhook_keys.h"
#include "lib/json/json.h"
#include "lib/metrics/metric_table.h"
#include "lib/model/event_table.h"
#include "lib/model/properties.h"
#include "lib/policy/rule_keys.h"

namespace sockwatch {
namespace {

using Members = std::vector<JsonMember>;

std::string object(const Members& members) {
  std::string text;
  for (const JsonMember& member : members)
    text += (text.empty() ? "{" : ",") + json_text(member.name) + ":" + member.json;
  return text + "}";
}

std::string list_of_texts(const std::vector<std::string_view>& texts) {
  std::vector<std::string> elements;
  for (const std::string_view text : texts) elements.push_back(json_text(text));
  return json_list(elements);
}

template <typename Row, typename Described>
std::string list_of(std::span<const Row> rows, Described described) {
  std::vector<std::string> elements;
  for (const Row& row : rows) elements.push_back(described(row));
  return json_list(elements);
}

std::string property_json(const Property& property) {
  std::vector<std::string_view> uses;
  for (const PropertyUse use : all_of<PropertyUse>()) {
    if (property.uses.has(use)) uses.push_back(word(use));
  }
  Members members{{"name", json_text(property.name)},
                  {"kind", json_text(word(property.type.kind))},
                  {"uses", list_of_texts(uses)}};
  if (property.type.kind == PropertyKind::Word)
    members.push_back({"words", list_of_texts({property.type.words.begin(), property.type.words.end()})});
  if (property.uses.has(PropertyUse::Label)) members.push_back({"label", json_text(property.label_name())});
  return object(members);
}

std::string alert_field_json(const AlertField& field) {
  return object({{"name", json_text(field.name)}, {"kind", json_text(word(field.type.kind))}});
}

std::string alert_fields_json() {
  std::vector<AlertField> fields;
  for (const auto part : {fields_before_the_listener(), fields_behind_the_listener()})
    fields.insert(fields.end(), part.begin(), part.end());
  return list_of(std::span<const AlertField>(fields), alert_field_json);
}

std::string events_json() {
  constexpr auto kEvents = all_of<Event>();
  return list_of(std::span<const Event>(kEvents), [](Event event) {
    const EventRow& row = row_of(event);
    return object({{"name", json_text(row.word)},
                   {"message_id", json_text(row.message_id)},
                   {"about", json_text(word(row.about))},
                   {"meaning", json_text(row.meaning)}});
  });
}

std::string metric_json(const MetricRow& metric) {
  constexpr std::array<std::string_view, 3> kKinds{"gauge", "counter", "histogram"};
  const auto id = static_cast<Metric>(&metric - kMetricTable.data());
  return object({{"name", json_text(metric.name)},
                 {"kind", json_text(kKinds[static_cast<std::size_t>(metric.kind)])},
                 {"labels", list_of_texts(labels_of(id))}});
}

}  // namespace

std::string description() {
  const Members members{
      {"properties", list_of(properties(), property_json)},
      {"alert_fields", alert_fields_json()},
      {"events", events_json()},
      {"metrics", list_of(std::span<const MetricRow>(kMetricTable), metric_json)},
      {"settings", list_of(setting_keys(), [](const SettingKey& key) { return json_text(key.path()); })},
      {"webhook_keys", list_of(webhook_keys(), [](const WebhookKey& key) { return json_text(key.name); })},
      {"rule_keys", list_of(rule_keys(), [](const RuleKey& key) { return json_text(key.name); })}};
  return json_document(members) + "\n";
}

}  // namespace sockwatch
