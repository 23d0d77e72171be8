// SPDX-License-Identifier: Apache-2.0
// The list of listeners that a daemon serves, read back by the tool. What it does not need it does not look
// at, so that a daemon of a later version can be asked as well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace sockwatch {

// Texts are as they were sent, so still foreign; empty where a key is absent.
struct ReportedListener {
  std::string protocol;
  std::string address;
  std::uint16_t port = 0;
  std::string service;
  std::string scope;
  std::string unit;
  std::string container;
  std::string comm;
  std::string state;
  std::optional<WallTime> first_seen;
  std::optional<WallTime> last_connection;
  std::string json;  // the whole object, on one line
};

// Any bytes are safe to pass. What is not such a document, or whose `schema` is not 1, is an error.
Result<std::vector<ReportedListener>> read_listener_report(std::string_view text);

}  // namespace sockwatch
