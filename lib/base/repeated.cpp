// SPDX-License-Identifier: Apache-2.0
#include "lib/base/repeated.h"

#include <utility>

namespace sockwatch {
namespace {

constexpr Duration kInterval = std::chrono::minutes(1);

}  // namespace

std::optional<std::string> Repeated::say(MonotonicTime now, std::string text) {
  if (said_ && now - *said_ < kInterval) {
    ++held_back_;
    return std::nullopt;
  }
  said_ = now;
  if (const unsigned more = std::exchange(held_back_, 0); more > 0)
    text.append(" (").append(std::to_string(more)).append(" more since)");
  return text;
}

}  // namespace sockwatch
