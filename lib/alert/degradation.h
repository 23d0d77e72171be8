// SPDX-License-Identifier: Apache-2.0
// Tells a part of the machine that stays uncovered from one poll that went wrong. Pure.
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
    std::vector<Unseen> degraded;        // uncovered for two polls and longer than is tolerated
    std::vector<std::string> recovered;  // of those reported, what is covered again
  };
  // What the poll that has just ended could not see. One object a kind of poll, so that one which is less
  // frequent is judged by the next of its kind.
  Changes update(const std::vector<Unseen>& unseen, Instant now);

  // Parts reported as degraded and not recovered.
  std::size_t count() const;

 private:
  struct Part {
    MonotonicTime since;
    int polls = 0;  // in a row that did not see it
    bool reported = false;
  };
  std::map<std::string, Part> parts_;
};

}  // namespace sockwatch
