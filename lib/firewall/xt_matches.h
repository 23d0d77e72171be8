// SPDX-License-Identifier: Apache-2.0
// Matches of iptables, as nf_tables carries them for iptables-nft: each in a struct of its own
// (linux/netfilter/xt_*.h), which is read here and put into nf_tables' words. What is not understood is a
// test that nobody can decide, by its name.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/firewall/rule_writer.h"
#include "lib/netlink/message.h"

namespace sockwatch::firewall {

// Any bytes are safe to pass.
void add_xt_match(std::string_view name, std::uint32_t revision, Bytes info, RuleWriter& rule);

}  // namespace sockwatch::firewall
