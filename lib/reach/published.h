// SPDX-License-Identifier: Apache-2.0
// Ports of this machine that a rule hands to somewhere else, past whatever listens here: what containers
// publish. They need no socket, so nothing but the rules tells of them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/reach/reach.h"

namespace sockwatch::firewall {

struct PublishedPort {
  std::uint8_t transport = 6;  // IPPROTO_*
  IpAddress address{};         // where it is taken; unspecified: on every address of its family
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;  // of a range that is handed on as one
  std::string rule{};           // that does it: "ip nat DOCKER, handle 12"
  // Where to, of one port and one destination; else `reach.published_to` has what is known.
  IpAddress to_address{};
  std::uint16_t to_port = 0;  // 0: not one, or the port stays as it is
  Reach reach{};
};

// Those of TCP and UDP that anybody outside could reach by address, in the order of ports. Addresses that are
// not the machine's own are not looked at.
std::vector<PublishedPort> published_ports(const Ruleset& rules, const Network& network);

}  // namespace sockwatch::firewall
