// SPDX-License-Identifier: Apache-2.0
// Rules and owned listeners for tests, from a few words of text.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lib/policy/policy_loader.h"
#include "tests/fakes/sockets.h"

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

inline Listener assigned(Listener listener) {
  for (SocketRecord& member : listener.members) member.bind = Bind::Assigned;
  return listener;
}

inline Listener scoped(Listener listener, Scope scope) {
  listener.annotation.scope = scope;
  return listener;
}

inline Listener owned(Listener listener, Owner owner) {
  listener.annotation.owner = std::move(owner);
  return listener;
}

// A process that was found, in a unit of that name.
inline Owner unit_owner(std::string_view unit, std::string_view exe) {
  Owner owner;
  owner.state = OwnerState::Known;
  owner.cgroup = "/system.slice/" + std::string(unit);
  owner.unit = unit;
  owner.holders = {{{100, 5000}, "comm", std::string(exe), 1000}};
  owner.user = "alice";
  return owner;
}

}  // namespace sockwatch
