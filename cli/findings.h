// SPDX-License-Identifier: Apache-2.0
// What is wrong with what is open: listeners that nobody expected, and required ones that are not there.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/look.h"
#include "cli/table.h"
#include "lib/json/json.h"
#include "lib/policy/rule.h"

namespace sockwatch {

struct Findings {
  std::vector<OpenListener> unexpected;
  std::vector<RequiredRule> missing;
  std::size_t listeners = 0;  // that were looked at

  bool empty() const { return unexpected.empty() && missing.empty(); }
};

Findings find_unexpected(const Look& look, const Policy& policy);

std::string findings_text(const Findings& findings, const TableStyle& style);
// "sockets":[…],"missing":[{"rule","rule_origin","severity"}]
std::vector<JsonMember> findings_json(const Findings& findings);

}  // namespace sockwatch
