// SPDX-License-Identifier: Apache-2.0
// A policy file. Every rule that loads has a name and says where it stands, and policies have a hash.
#include "lib/base/text.h"
#include "lib/policy/policy_loader.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const ServiceLookup lookup = [](std::string_view name) {
    return name == "ssh" ? std::vector<NamedPort>{{Protocol::Tcp, 22}} : std::vector<NamedPort>{};
  };
  auto rules = parse_policy("50-test.toml", fuzz::text(data, size), lookup);
  if (!rules.ok()) {
    fuzz::require(rules.error().message.starts_with("50-test.toml:"));
    fuzz::require(is_utf8(rules.error().message));
    return 0;
  }
  for (const Rule& rule : *rules) {
    fuzz::require(!rule.name.empty() && rule.origin.starts_with("50-test.toml:"));
    for (const PortRange& range : rule.ports) fuzz::require(range.first <= range.last);
  }
  Policy policy;
  policy.rules = *std::move(rules);
  fuzz::require(policy_hash(policy).size() == 16);
  return 0;
}
