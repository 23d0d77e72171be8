// SPDX-License-Identifier: Apache-2.0
// Which ports rules tell apart: between two of them all ports fare the same, so one stands for the others.
// Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/reach/ruleset.h"

namespace sockwatch::firewall {

// Destination ports at which some rule that packets meet before they are routed begins or ceases to fit,
// sorted; 0 is always there.
std::vector<std::uint16_t> port_borders_before_routing(const Ruleset& rules);

// Whether any rule there gives packets another destination.
bool translates_before_routing(const Ruleset& rules);

}  // namespace sockwatch::firewall
