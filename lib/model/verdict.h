// SPDX-License-Identifier: Apache-2.0
// Whether a listener was expected, and who says so.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/words.h"

namespace sockwatch {

enum class VerdictKind : std::uint8_t { Expected, Unexpected, Ignored, Pending };
template <>
struct Words<VerdictKind> {
  static constexpr std::array<std::string_view, 4> values = {"expected", "unexpected", "ignored", "pending"};
};

enum class Severity : std::uint8_t { Info, Warning, Critical };
template <>
struct Words<Severity> {
  static constexpr std::array<std::string_view, 3> values = {"info", "warning", "critical"};
};

struct Verdict {
  VerdictKind kind = VerdictKind::Pending;
  std::string rule;    // name of the rule that decided; "learned" or "default" where none of the policy's did
  std::string origin;  // "policy.d/50-ssh.toml:2", "built-in", or empty
  std::string reason;  // the rule's own words; may be empty
  Severity severity = Severity::Warning;
  bool reach_meant = false;  // the rule names addresses, or what was learned had this one's scope

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

}  // namespace sockwatch
