// SPDX-License-Identifier: Apache-2.0
// A complaint that may come over and over, and how often it is said. Pure.
#pragma once

#include <optional>
#include <string>

#include "lib/base/clock.h"

namespace sockwatch {

// One object for each kind of complaint. Whatever its text, which may hold numbers and others' words, it is
// said at most once in a minute.
class Repeated {
 public:
  // What to say: the text, with how many were held back since the last one that was said. Nothing where that
  // was less than a minute ago.
  std::optional<std::string> say(MonotonicTime now, std::string text);

 private:
  std::optional<MonotonicTime> said_;
  unsigned held_back_ = 0;
};

}  // namespace sockwatch
