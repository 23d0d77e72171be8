// SPDX-License-Identifier: Apache-2.0
// The table of all keys of a rule: its own, and one for each property that rules match.
#pragma once

#include <span>
#include <string_view>

#include "lib/config/field.h"
#include "lib/model/properties.h"
#include "lib/policy/rule.h"

namespace sockwatch {

struct RuleKey {
  std::string_view name;
  void (*read_own)(const KeyValue& field, Rule& rule, const ServiceLookup& lookup) = nullptr;
  const Property* property = nullptr;  // which is read as its type says

  // Stores what is valid and notes a problem for what is not.
  void read(const KeyValue& field, Rule& rule, const ServiceLookup& lookup) const;
};

// In the order in which they must be read: a service name in `port` depends on `protocol`.
std::span<const RuleKey> rule_keys();

}  // namespace sockwatch
