// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/required.h"

#include "lib/policy/fit.h"

namespace sockwatch {

std::vector<std::string> names_of_required(const Policy& policy) {
  std::vector<std::string> names;
  for (const Rule& rule : policy.rules) {
    if (rule.required) names.push_back(rule.name);
  }
  return names;
}

std::vector<RequiredRule> unsatisfied(const Policy& policy, std::span<const Listener> listeners) {
  RequiredCheck check(policy);
  for (const Listener& listener : listeners) check.consider(listener);
  return check.unsatisfied();
}

RequiredCheck::RequiredCheck(const Policy& policy) {
  for (const Rule& rule : policy.rules) {
    if (rule.required) wanted_.push_back(&rule);
  }
}

void RequiredCheck::consider(const Listener& listener) {
  if (listener.closed) return;
  std::erase_if(wanted_, [&](const Rule* rule) { return fit(*rule, listener) != Fit::No; });
}

std::vector<RequiredRule> RequiredCheck::unsatisfied() const {
  std::vector<RequiredRule> missing;
  for (const Rule* rule : wanted_) missing.push_back({rule->name, rule->origin, rule->severity, {}});
  return missing;
}

}  // namespace sockwatch
