// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/required.h"

#include <algorithm>

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
  std::vector<RequiredRule> missing;
  for (const Rule& rule : policy.rules) {
    if (!rule.required) continue;
    const bool found = std::any_of(listeners.begin(), listeners.end(), [&](const Listener& listener) {
      return !listener.closed && fit(rule, listener) != Fit::No;
    });
    if (!found) missing.push_back({rule.name, rule.origin, rule.severity, {}});
  }
  return missing;
}

}  // namespace sockwatch
