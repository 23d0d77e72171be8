// SPDX-License-Identifier: Apache-2.0
// The firewalls of this machine's network namespaces, read once for a look, and what they let in. Blocks
// while it reads; takes CAP_NET_ADMIN, and says so where that is missing.
#pragma once

#include <map>
#include <string>

#include "cli/look.h"
#include "cli/machine.h"
#include "lib/reach/network.h"
#include "lib/reach/ruleset.h"

namespace sockwatch {

struct Firewall {
  firewall::Ruleset rules;
  firewall::Network network;
};

class Firewalls {
 public:
  // Must not outlive the machine. `proc` is usually "/proc".
  Firewalls(Machine& machine, std::string proc) : machine_(machine), proc_(std::move(proc)) {}

  // Reads it where that was not done yet. What could not be read is in its ruleset's `unread`.
  const Firewall& of(NamespaceId name_space);

  // Fills in `reach` of every listener, and the ports that the machine's own namespace publishes.
  void find_reach(Look& look);

 private:
  Firewall read(NamespaceId name_space);

  Machine& machine_;
  std::string proc_;
  std::map<NamespaceId, Firewall> known_;
};

}  // namespace sockwatch
