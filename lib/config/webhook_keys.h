// SPDX-License-Identifier: Apache-2.0
// The tables [[alerts.webhook]]: one line a key, as in setting_keys, and what may not stand together.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/field.h"
#include "lib/config/webhook_settings.h"

namespace sockwatch {

struct WebhookKey {
  std::string_view name;
  void (*read)(const KeyValue& field, WebhookSettings& webhook);
  // As TOML; empty where it need not be said.
  std::string (*print)(const WebhookSettings& webhook);
};

std::span<const WebhookKey> webhook_keys();

// One table or a list of them, which may be empty. Stores them and returns true, or notes problems and
// returns false.
bool read_webhooks(const KeyValue& field, std::vector<WebhookSettings>& webhooks);
// On one line: [{ url = "…", kind = "json" }]
std::string print_webhooks(const std::vector<WebhookSettings>& webhooks);

}  // namespace sockwatch
