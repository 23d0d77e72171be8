// SPDX-License-Identifier: Apache-2.0
// What a rule asks the routing tables (fib, addrtype, rpfilter), and what they answer about a set of senders.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/reach/packet.h"

namespace sockwatch::firewall {

// The values that a question to the routing tables has, and for which sources it has each.
struct RouteAnswer {
  AddressSet sources;
  std::optional<std::vector<std::uint8_t>> value;  // nothing: not known
};
std::vector<RouteAnswer> ask_routes(const LoadRoute& load, const Flow& flow, const Packet& packet);

}  // namespace sockwatch::firewall
