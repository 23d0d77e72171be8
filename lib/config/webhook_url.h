// SPDX-License-Identifier: Apache-2.0
// The address of a receiver, read strictly: what another parser could understand otherwise is refused.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace sockwatch {

struct WebhookUrl {
  bool encrypted = false;  // https
  std::string path;        // "/api/v2/alerts", without the query

  friend bool operator==(const WebhookUrl&, const WebhookUrl&) = default;
};

// "https://alerts.example:9093/api/v2/alerts", a host name, an IPv4 or "[IPv6]" address. No user, no
// password, no fragment. The error quotes the text and says what was expected.
// An error shows no more of the text than scheme and host: a user, a path and a query may be secrets.
Result<WebhookUrl> parse_webhook_url(std::string_view text);

}  // namespace sockwatch
