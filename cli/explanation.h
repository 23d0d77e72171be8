// SPDX-License-Identifier: Apache-2.0
// Why a port is open, in words and as JSON: whose it is, who can reach it, what decided whether that is
// expected, and which policy lines would expect it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/look.h"
#include "lib/base/clock.h"

namespace sockwatch {

struct Explained {
  OpenListener open;
  std::optional<WallTime> process_started;  // of the first holder
  std::string parents;                      // from whom that one descends; empty where nobody knows
  std::string policy_directory;             // where the lines would go
  // That are up in its network namespace, without loopback; nothing where that is the machine's or not known.
  std::optional<std::vector<std::string>> interfaces = {};
};

std::string explanation_text(const Explained& explained, bool colour);

// The listener as every document has it, and with it title, encrypted, safer, service_source, rule_origin,
// rule_reason, process_started, parents, shared_with and allow.
std::string explanation_json(const Explained& explained);

}  // namespace sockwatch
