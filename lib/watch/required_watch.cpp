// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/required_watch.h"

#include <algorithm>

#include "lib/policy/required.h"

namespace sockwatch {

void RequiredWatch::check(const Policy& policy, const Ledger& ledger, Duration grace, Delta& delta) {
  const auto required = [](const Rule& rule) { return rule.required; };
  if (wanted_.empty() && std::none_of(policy.rules.begin(), policy.rules.end(), required)) return;
  forget_others(policy);
  RequiredCheck open(policy);
  ledger.for_each([&open](const Listener& listener) { open.consider(listener); });
  const std::vector<RequiredRule> absent = open.unsatisfied();
  take_back(absent, delta);
  for (const RequiredRule& rule : absent) {
    Wanted& wanted = wanted_.try_emplace(rule.rule, Wanted{rule, false}).first->second;
    if (wanted.rule.since == Instant{}) wanted.rule.since = delta.time;
    if (wanted.announced || delta.time.monotonic - wanted.rule.since.monotonic < grace) continue;
    wanted.announced = true;
    delta.missing.push_back(wanted.rule);
  }
}

// A rule that is no longer there is neither missing nor back.
void RequiredWatch::forget_others(const Policy& policy) {
  std::erase_if(wanted_, [&](const auto& wanted) {
    return std::none_of(policy.rules.begin(), policy.rules.end(),
                        [&](const Rule& rule) { return rule.required && rule.name == wanted.first; });
  });
}

void RequiredWatch::take_back(const std::vector<RequiredRule>& absent, Delta& delta) {
  std::erase_if(wanted_, [&](const auto& entry) {
    const Wanted& wanted = entry.second;
    const bool still = std::any_of(absent.begin(), absent.end(), [&wanted](const RequiredRule& rule) {
      return rule.rule == wanted.rule.rule;
    });
    if (!still && wanted.announced) delta.found.push_back(wanted.rule);
    return !still;
  });
}

std::vector<RequiredRule> RequiredWatch::missing() const {
  std::vector<RequiredRule> announced;
  for (const auto& [name, wanted] : wanted_) {
    if (wanted.announced) announced.push_back(wanted.rule);
  }
  return announced;
}

}  // namespace sockwatch
