// SPDX-License-Identifier: Apache-2.0
// From watching to closing: what is expected, as rules for those who enforce. sockwatch itself blocks
// nothing. Pure.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/systemd_build.h"
#include "lib/model/listener.h"
#include "lib/policy/rule.h"

namespace sockwatch {

struct DropIn {
  std::string unit;
  std::string text;  // of a file in UNIT.d, each line below its reason
};

struct BindSuggestion {
  std::vector<DropIn> drop_ins;    // by unit
  std::set<std::string> left_out;  // sockets that no drop-in can speak for, and why
};

// SocketBindDeny=any and what a service may bind to all the same: what is open and expected, and what the
// policy's rules expect of it as far as no rule before means it. `listeners` are judged.
BindSuggestion suggest_bind_rules(std::span<const Listener> listeners, const Policy& policy,
                                  const SystemdBuild& systemd);

// An nftables script: one table with an input chain that drops by default and admits the expected listeners
// of this network namespace at the addresses they are bound to, and what the policy's rules expect at every
// address or at a network, each as far as no rule before means it.
std::string suggest_input_chain(std::span<const Listener> listeners, const Policy& policy);

// What one line will allow, and why: for one family of addresses or for both.
struct Grant {
  bool ipv4 = false;
  bool ipv6 = false;
  std::set<std::string> reasons;
};

// "[::]:22/tcp", and for a handed-out port "[::], an assigned port/tcp".
std::string socket_text(const Listener& listener);
// "rule "ssh" (policy.d/50-ssh.toml:2)", or what else made it so.
std::string decided_by(std::string_view rule, std::string_view origin);

}  // namespace sockwatch
