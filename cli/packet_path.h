// SPDX-License-Identifier: Apache-2.0
// The path of one packet through the firewall, in words. Pure.
#pragma once

#include <string>

#include "cli/firewalls.h"
#include "cli/look.h"
#include "cli/port_argument.h"
#include "lib/base/result.h"

namespace sockwatch {

struct PacketQuestion {
  PortArgument port;
  IpAddress from;
  std::string interface_name;  // empty: the one that leads back to the sender
};

// To each address that something listens on at the port, or where nothing does to the first address of the
// interface. The error says what there is no answer for.
Result<std::string> path_of(const PacketQuestion& question, const Look& look, const Firewall& firewall);

}  // namespace sockwatch
