// SPDX-License-Identifier: Apache-2.0
// The table of all keys of a rule: a new matcher is one line there, a field in Rule and a line in fit().
#pragma once

#include <span>
#include <string_view>

#include "lib/config/field.h"
#include "lib/policy/rule.h"

namespace sockwatch {

struct RuleKey {
  std::string_view name;
  // Stores what is valid and notes a problem for what is not.
  void (*read)(const KeyValue& field, Rule& rule, const ServiceLookup& lookup);
};

// In the order in which they must be read: a service name in `port` depends on `protocol`.
std::span<const RuleKey> rule_keys();

}  // namespace sockwatch
