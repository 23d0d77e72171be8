// SPDX-License-Identifier: Apache-2.0
// Policy as code, and its tests: a socket as somebody wrote it down, and the verdict they expect for it. The
// form of the files is in docs/policy.md. Pure but for what the caller reads.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/annotate/service_table.h"
#include "lib/base/result.h"
#include "lib/config/problems.h"
#include "lib/model/listener.h"
#include "lib/model/view.h"
#include "lib/policy/rule.h"

namespace sockwatch {

struct PolicyCase {
  std::string file;
  Position at;
  std::string name;   // the writer's words; may be empty
  Listener listener;  // annotated; judged by nobody yet
  VerdictKind verdict = VerdictKind::Expected;
  std::string rule;  // that should decide; empty: any
};

// The [[socket]]s of a text. All or nothing: the error lists every mistake, one a line, as
// "file:line:column: what, and what was expected".
Result<std::vector<PolicyCase>> parse_cases(std::string_view file, std::string_view text,
                                            const ServiceTable& services);

// What the policy made of all cases.
struct Trial {
  std::size_t cases = 0;
  PerWord<VerdictKind, std::size_t> verdicts{};
  std::vector<std::pair<PolicyCase, Verdict>> failed;  // and the verdict they got
};
// Nothing is learned; an owner that is not given is one that has been sought in vain.
Trial try_policy(const Policy& policy, std::span<const PolicyCase> cases);

// A difference for each that failed, with the lines that would expect it, and a sum.
std::string trial_text(const Trial& trial, bool colour);

}  // namespace sockwatch
