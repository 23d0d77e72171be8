// SPDX-License-Identifier: Apache-2.0
// A file of policy tests. Every case that loads can be judged, and what is said about it is one safe text.
#include "cli/policy_case.h"
#include "lib/base/text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const auto cases = parse_cases("web.toml", fuzz::text(data, size), {});
  if (!cases.ok()) {
    fuzz::require(cases.error().message.starts_with("web.toml:"));
    fuzz::require(is_utf8(cases.error().message));
    return 0;
  }
  const Trial trial = try_policy({}, *cases);
  fuzz::require(trial.cases == cases->size());
  fuzz::require(is_utf8(trial_text(trial, false)));
  return 0;
}
