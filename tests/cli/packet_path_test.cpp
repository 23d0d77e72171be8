// SPDX-License-Identifier: Apache-2.0
#include "cli/packet_path.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch {
namespace {

Firewall closed_but_for_ssh() {
  using namespace firewall;
  return {ruleset({base_chain(Hook::Input, 0, true, {port_is(22) + kAccept}, "input")}), network()};
}

Result<std::string> path(std::uint16_t port, const char* from, const std::string& interface = {}) {
  PortArgument wanted;
  wanted.port = port;
  return path_of({wanted, firewall::ip(from), interface}, {}, closed_but_for_ssh());
}

TEST(PacketPath, it_names_the_rule_that_lets_in) {
  EXPECT_EQ(path(22, "8.8.8.8").value(),
            "from 8.8.8.8 by eth0 to 198.51.100.1 port 22/tcp:\n"
            "  input  inet t, chain input, handle 1: accept\n"
            "  => delivered to 198.51.100.1 port 22\n");
}

TEST(PacketPath, it_names_the_policy_that_stops) {
  EXPECT_EQ(path(23, "8.8.8.8").value(),
            "from 8.8.8.8 by eth0 to 198.51.100.1 port 23/tcp:\n"
            "  input  inet t, chain input, policy drop: policy drop\n"
            "  => dropped\n");
}

TEST(PacketPath, the_interface_may_be_named) {
  EXPECT_TRUE(path(22, "8.8.8.8", "docker0").value().starts_with("from 8.8.8.8 by docker0 "));
  EXPECT_EQ(path(22, "8.8.8.8", "eth9").error().message, "--interface eth9: there is none of that name");
}

TEST(PacketPath, nobody_sends_from_our_own_address) {
  EXPECT_NE(path(22, "198.51.100.1", "eth0").value().find("takes no packets from there"), std::string::npos);
}

TEST(PacketPath, without_a_route_the_interface_must_be_named) {
  EXPECT_EQ(path(22, "2001:db9::1").error().message,
            "no interface leads to 2001:db9::1: name one with --interface");
}

}  // namespace
}  // namespace sockwatch
