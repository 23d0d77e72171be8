// SPDX-License-Identifier: Apache-2.0
// Alerts for whatever takes JSON: one document an alert, with the keys of docs/json.md. Pure.
#pragma once

#include <string>

#include "lib/alert/webhook_form.h"

namespace sockwatch {

class PlainJson final : public WebhookForm {
 public:
  // `labels` tell this machine's alerts from others' and are in each document.
  PlainJson(std::string hostname, WebhookLabels labels);

  // {"schema":1,"hostname":"web1","labels":{…},"alerts":[{"event":…}]}
  std::string render(const Alert& alert) const override;
  std::optional<std::string> body(std::string_view entry, Instant) override { return std::string(entry); }
  void settled(std::string_view, SendOutcome, Instant) override {}

 private:
  std::string hostname_;
  WebhookLabels labels_;
};

}  // namespace sockwatch
