// SPDX-License-Identifier: Apache-2.0
// Expressions of nf_tables that put something about the packet into a register.
#pragma once

#include <string_view>

#include "lib/firewall/nft_expr.h"
#include "lib/firewall/rule_writer.h"

namespace sockwatch::firewall {

// False where the name is none of these. What they load and nobody can know is unknown, by its name.
bool add_nft_load(std::string_view name, const Expr& expr, RuleWriter& rule);

}  // namespace sockwatch::firewall
