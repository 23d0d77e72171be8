// SPDX-License-Identifier: Apache-2.0
// Tells a part of the machine that stays out of sight from one look that went wrong. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/snapshot.h"

namespace sockwatch {

class Degradation {
 public:
  struct Changes {
    std::vector<Unseen> degraded;        // out of sight for two looks and longer than the patience
    std::vector<std::string> recovered;  // of those told, what is seen again
  };
  // What the look that has just ended could not see. One object a kind of look, so that a look which comes
  // seldom is judged by the next of its kind.
  Changes update(const std::vector<Unseen>& unseen, Instant now);

  // Parts told as degraded and not recovered.
  std::size_t count() const;

 private:
  struct Part {
    MonotonicTime since;
    int looks = 0;  // in a row that did not see it
    bool told = false;
  };
  std::map<std::string, Part> parts_;
};

}  // namespace sockwatch
