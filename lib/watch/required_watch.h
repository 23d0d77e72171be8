// SPDX-License-Identifier: Apache-2.0
// Required rules that no open listener satisfies: since when, and whether that was told. Loop thread only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/delta.h"
#include "lib/policy/rule.h"
#include "lib/watch/ledger.h"

namespace sockwatch {

class RequiredWatch {
 public:
  // Adds to the delta what has been missing for longer than the grace, and what was told as such and is back.
  void check(const Policy& policy, const Ledger& ledger, Duration grace, Delta& delta);

  // Those that were told and are still missing.
  std::vector<RequiredRule> missing() const;

 private:
  struct Wanted {
    RequiredRule rule;
    bool announced = false;
  };
  void forget_others(const Policy& policy);
  void take_back(const std::vector<RequiredRule>& absent, Delta& delta);

  std::map<std::string, Wanted> wanted_;  // by the rule's name
};

}  // namespace sockwatch
