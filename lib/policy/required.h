// SPDX-License-Identifier: Apache-2.0
// The other half of a policy: what must be there.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/model/delta.h"
#include "lib/policy/rule.h"

namespace sockwatch {

// The names of the rules with `required = true`, in policy order.
std::vector<std::string> names_of_required(const Policy& policy);

// The rules with `required = true` that no open listener fits, in policy order. A listener counts even where
// an earlier rule decides its verdict, and where its owner is not known: what may well be there is not called
// missing. `since` is left to the caller, who knows when it began.
std::vector<RequiredRule> unsatisfied(const Policy& policy, std::span<const Listener> listeners);

// The same for listeners that come one by one.
class RequiredCheck {
 public:
  explicit RequiredCheck(const Policy& policy);  // which outlives it
  void consider(const Listener& listener);
  std::vector<RequiredRule> unsatisfied() const;

 private:
  std::vector<const Rule*> wanted_;  // and not found yet, in policy order
};

}  // namespace sockwatch
