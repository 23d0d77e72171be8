// SPDX-License-Identifier: Apache-2.0
// Rules for tests, from a few words of text.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lib/policy/policy_loader.h"
#include "tests/fakes/owned.h"

namespace sockwatch {

inline std::vector<NamedPort> few_services(std::string_view name) {
  if (name == "ssh") return {{Protocol::Tcp, 22}};
  if (name == "domain") return {{Protocol::Tcp, 53}, {Protocol::Udp, 53}};
  return {};
}

inline std::vector<Rule> rules(std::string_view text) {
  auto parsed = parse_policy("policy.d/test.toml", text, few_services);
  if (!parsed) throw std::invalid_argument(parsed.error().message);
  return *std::move(parsed);
}

// A rule that expects, with these matchers.
inline Rule rule(std::string_view matchers) {
  return rules("[[rule]]\nname = \"test\"\naction = \"expect\"\n" + std::string(matchers)).front();
}

}  // namespace sockwatch
