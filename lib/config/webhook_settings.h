// SPDX-License-Identifier: Apache-2.0
// One receiver of alerts over HTTP, as an administrator describes it. Valid once loaded; what each key means
// is told in docs/configuration.md.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/words.h"

namespace sockwatch {

enum class WebhookKind { Alertmanager, Json };
template <>
struct Words<WebhookKind> {
  static constexpr std::array<std::string_view, 2> values = {"alertmanager", "json"};
};

struct WebhookSettings {
  std::string url;
  WebhookKind kind = WebhookKind::Json;
  Duration timeout = std::chrono::seconds(10);
  Duration resend_interval = std::chrono::minutes(1);
  // Absolute paths; empty: none.
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string bearer_token_file;
  std::string username;
  std::string password_file;
  std::string generator_url;  // empty: the daemon's own page
  std::vector<std::pair<std::string, std::string>> labels;

  friend bool operator==(const WebhookSettings&, const WebhookSettings&) = default;
};

}  // namespace sockwatch
