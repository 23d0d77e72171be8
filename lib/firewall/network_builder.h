// SPDX-License-Identifier: Apache-2.0
// Messages of rtnetlink, one by one and without their netlink header, made into a network. Pure; any bytes
// are safe to pass.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/netlink/message.h"
#include "lib/reach/network.h"

namespace sockwatch::firewall {

class NetworkBuilder {
 public:
  void add_link(Bytes message);
  void add_address(Bytes message);
  void add_route(Bytes message);
  void add_rule(Bytes message);
  void add_filter(Bytes message);  // of tc, on the way in

  // Multicast groups, from the text of /proc/net/igmp and /proc/net/igmp6.
  void add_groups_v4(std::string_view text);
  void add_groups_v6(std::string_view text);

  Network& network() { return network_; }

 private:
  NetworkInterface* find(std::uint32_t index);

  Network network_;
};

}  // namespace sockwatch::firewall
