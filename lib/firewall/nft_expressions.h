// SPDX-License-Identifier: Apache-2.0
// One expression of a rule as libnftnl has parsed it, put into the words that are evaluated. What is not
// understood is unknown or undecidable, by its name: never passed over.
#pragma once

#include "lib/firewall/rule_writer.h"

struct nftnl_expr;

namespace sockwatch::firewall {

// Adds what decides about a packet; what does not (counters, logs) adds nothing.
void add_nft_expression(const nftnl_expr& expression, RuleWriter& rule);

// The verdict of a rule or of a map's element. Nothing that the kernel does not hand out becomes Undecidable.
Expression verdict_of(int code, const char* chain);

}  // namespace sockwatch::firewall
