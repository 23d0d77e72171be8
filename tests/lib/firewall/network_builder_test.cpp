// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/network_builder.h"

#include <gtest/gtest.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "tests/lib/netlink/wire.h"

namespace sockwatch::firewall {
namespace {

using wire::attribute;
using wire::Buffer;
using wire::of;
using wire::operator+;

Buffer text(const char* value) {
  const auto* raw = reinterpret_cast<const std::byte*>(value);
  return {raw, raw + std::strlen(value) + 1};
}
Buffer v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return of(std::array<std::uint8_t, 4>{a, b, c, d});
}
Buffer link(int index, const char* name, const Buffer& more = {}) {
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_flags = IFF_UP;
  return of(header) + attribute(IFLA_IFNAME, text(name)) + more;
}
Buffer route(std::uint8_t length, std::uint8_t type, std::uint8_t table, const Buffer& more) {
  rtmsg header{};
  header.rtm_family = AF_INET, header.rtm_dst_len = length, header.rtm_type = type, header.rtm_table = table;
  return of(header) + more;
}
Buffer rule(std::uint8_t table, std::uint32_t priority, const Buffer& more = {}) {
  fib_rule_hdr header{};
  header.family = AF_INET, header.table = table, header.action = FR_ACT_TO_TBL;
  return of(header) + attribute(FRA_PRIORITY, of(priority)) + more;
}

TEST(NetworkBuilder, a_link_has_its_name_its_kind_and_its_programs) {
  NetworkBuilder builder;
  builder.add_link(link(2, "br0", attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, text("bridge")))));
  builder.add_link(
      link(3, "eth0",
           attribute(IFLA_MASTER, of(std::uint32_t{2})) +
               attribute(IFLA_XDP, attribute(IFLA_XDP_ATTACHED, of(std::uint8_t{XDP_ATTACHED_SKB})) +
                                       attribute(IFLA_XDP_PROG_ID, of(std::uint32_t{17})))));
  const Network& network = builder.network();
  EXPECT_EQ(network.find("br0")->kind, "bridge");
  EXPECT_EQ(network.find("eth0")->master, 2U);
  EXPECT_EQ(network.find("eth0")->programs, std::vector<std::string>{"XDP program 17"});
}

TEST(NetworkBuilder, of_an_address_with_a_peer_ours_is_the_local_one) {
  NetworkBuilder builder;
  ifaddrmsg header{};
  header.ifa_family = AF_INET, header.ifa_index = 2;
  builder.add_address(of(header) + attribute(IFA_ADDRESS, v4(10, 0, 0, 2)) +
                      attribute(IFA_LOCAL, v4(10, 0, 0, 1)));
  EXPECT_EQ(to_string(builder.network().addresses.at(0).address), "10.0.0.1");
}

TEST(NetworkBuilder, routes_of_other_tables_wait_for_a_rule) {
  NetworkBuilder builder;
  builder.add_route(route(8, RTN_UNICAST, RT_TABLE_MAIN,
                          attribute(RTA_DST, v4(10, 0, 0, 0)) + attribute(RTA_OIF, of(std::uint32_t{2}))));
  builder.add_route(route(8, RTN_UNICAST, 100, attribute(RTA_DST, v4(11, 0, 0, 0))));
  builder.add_route(route(32, RTN_LOCAL, RT_TABLE_LOCAL, attribute(RTA_DST, v4(10, 0, 0, 1))));
  const Network& network = builder.network();
  ASSERT_EQ(network.routes.size(), 2U);
  EXPECT_EQ(network.routes[0].interfaces, std::vector<std::uint32_t>{2});
  EXPECT_TRUE(network.routes[1].of_local_table);
  EXPECT_TRUE(network.policy_routing_v4.empty());
}

TEST(NetworkBuilder, a_route_may_have_several_next_hops) {
  NetworkBuilder builder;
  rtnexthop first{}, second{};
  first.rtnh_len = second.rtnh_len = sizeof first;
  first.rtnh_ifindex = 2, second.rtnh_ifindex = 3;
  builder.add_route(route(0, RTN_UNICAST, RT_TABLE_MAIN, attribute(RTA_MULTIPATH, of(first) + of(second))));
  EXPECT_EQ(builder.network().routes.at(0).interfaces, (std::vector<std::uint32_t>{2, 3}));
}

TEST(NetworkBuilder, rules_that_every_machine_has_are_no_policy_routing) {
  NetworkBuilder builder;
  builder.add_rule(rule(RT_TABLE_LOCAL, 0));
  builder.add_rule(rule(RT_TABLE_MAIN, 32766));
  builder.add_rule(rule(RT_TABLE_DEFAULT, 32767));
  EXPECT_EQ(builder.network().policy_routing_v4, "");
  builder.add_rule(rule(RT_TABLE_MAIN, 50, attribute(FRA_FWMARK, of(std::uint32_t{1}))));
  EXPECT_EQ(builder.network().policy_routing_v4, "policy routing, rule 50");
}

TEST(NetworkBuilder, filters_of_tc_are_programs_too) {
  NetworkBuilder builder;
  builder.add_link(link(2, "eth0"));
  tcmsg header{};
  header.tcm_ifindex = 2;
  builder.add_filter(of(header));
  builder.add_filter(of(header));
  EXPECT_EQ(builder.network().interfaces[0].programs, std::vector<std::string>{"tc filters"});
}

TEST(NetworkBuilder, groups_are_read_from_their_tables) {
  NetworkBuilder builder;
  builder.add_link(link(1, "lo"));
  builder.add_link(link(2, "eth0"));
  builder.add_groups_v4(
      "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
      "1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"
      "2\teth0      :     2      V3\n\t\t\t\tFB0000E0     1 0:00000000\t\t0\n");
  builder.add_groups_v6(
      "2    eth0            ff0200000000000000000000000000fb     1 0000000C 0\nrubbish\n2 eth0 zz\n");
  const auto& groups = builder.network().find("eth0")->groups;
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(to_string(groups[0]), "224.0.0.251");
  EXPECT_EQ(to_string(groups[1]), "ff02::fb");
}

TEST(NetworkBuilder, what_is_cut_short_is_passed_over) {
  NetworkBuilder builder;
  const Buffer whole = link(2, "eth0");
  for (std::size_t length = 0; length < sizeof(ifinfomsg); ++length)
    builder.add_link(Buffer(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
  builder.add_route({}), builder.add_rule({}), builder.add_address({}), builder.add_filter({});
  EXPECT_TRUE(builder.network().interfaces.empty());
}

}  // namespace
}  // namespace sockwatch::firewall
