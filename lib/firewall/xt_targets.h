// SPDX-License-Identifier: Apache-2.0
// Targets of iptables, read from their structs as matches are (xt_matches.h). One that may do anything to a
// packet is undecidable, by its name.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/firewall/rule_writer.h"
#include "lib/netlink/message.h"

namespace sockwatch::firewall {

// Any bytes are safe to pass.
void add_xt_target(std::string_view name, std::uint32_t revision, Bytes info, RuleWriter& rule);

}  // namespace sockwatch::firewall
