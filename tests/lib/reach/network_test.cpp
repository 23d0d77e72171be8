// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

const NetworkInterface& named(const Network& network, const std::string& name) {
  return *network.find(name);
}

TEST(Network, the_longest_prefix_leads_after_the_local_table) {
  const Network net = network();
  EXPECT_TRUE(net.is_local(ip("198.51.100.1")));
  EXPECT_TRUE(net.is_local(ip("198.51.100.255")));
  EXPECT_FALSE(net.is_local(ip("198.51.100.2")));
  EXPECT_EQ(net.route_to(ip("172.17.0.2"))->interfaces, std::vector<std::uint32_t>{3});
  EXPECT_EQ(net.route_to(ip("8.8.8.8"))->interfaces, std::vector<std::uint32_t>{2});
  EXPECT_EQ(net.route_to(ip("2001:db9::1")), nullptr);
}

TEST(Network, parts_cover_every_address_once) {
  const Network net = network();
  for (const IpFamily family : {IpFamily::V4, IpFamily::V6}) {
    AddressSet covered;
    for (const Network::Part& part : net.parts(family)) {
      EXPECT_TRUE((covered & part.first).empty());
      covered = covered | part.first;
    }
    EXPECT_EQ(covered, AddressSet::all(family));
  }
}

TEST(Network, behind_an_interface_is_whom_it_would_answer_there) {
  const Network net = network();
  EXPECT_EQ(net.behind(named(net, "docker0"), IpFamily::V4),
            addresses("172.17.0.0/16") - addresses("172.17.0.1"));
  EXPECT_TRUE(net.behind(named(net, "eth0"), IpFamily::V4).contains(number_of(ip("8.8.8.8"))));
}

TEST(Network, every_interface_has_link_local_neighbours_of_its_own) {
  Network net = network();
  for (const std::uint32_t interface : {2U, 3U})
    net.routes.push_back({.to = ip("fe80::"), .length = 64, .interfaces = {interface}});
  net.prepare();
  for (const char* name : {"eth0", "docker0"})
    EXPECT_TRUE(net.behind(named(net, name), IpFamily::V6).contains(number_of(ip("fe80::5")))) << name;
}

TEST(Network, nobody_sends_from_our_own_addresses_or_from_none) {
  const Network net = network();
  const AddressSet v4 = net.martians(named(net, "eth0"), IpFamily::V4);
  for (const char* text :
       {"127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.51.100.1", "172.17.0.1"})
    EXPECT_TRUE(v4.contains(number_of(ip(text)))) << text;
  EXPECT_FALSE(v4.contains(number_of(ip("198.51.100.2"))));
  const AddressSet v6 = net.martians(named(net, "eth0"), IpFamily::V6);
  for (const char* text : {"::", "::1", "ff02::1", "2001:db8::1"})
    EXPECT_TRUE(v6.contains(number_of(ip(text)))) << text;
}

TEST(Network, any_own_address_is_reached_by_any_interface_but_loopback) {
  const Network net = network();
  EXPECT_EQ(net.destinations(named(net, "docker0"), IpFamily::V4),
            (std::vector<IpAddress>{ip("198.51.100.1"), ip("172.17.0.1")}));
}

TEST(Network, route_localnet_lets_others_send_to_loopback) {
  Network net = network();
  net.interfaces[1].routes_loopback = true;
  const auto destinations = net.destinations(named(net, "eth0"), IpFamily::V4);
  EXPECT_NE(std::find(destinations.begin(), destinations.end(), ip("127.0.0.1")), destinations.end());
}

TEST(Network, datagrams_also_come_to_groups_and_to_all) {
  Network net = network();
  net.interfaces[1].groups = {ip("224.0.0.251"), ip("ff02::fb")};
  EXPECT_EQ(net.group_destinations(named(net, "eth0"), IpFamily::V4),
            (std::vector<IpAddress>{ip("255.255.255.255"), ip("198.51.100.255"), ip("224.0.0.251")}));
  EXPECT_EQ(net.group_destinations(named(net, "eth0"), IpFamily::V6), std::vector<IpAddress>{ip("ff02::fb")});
}

}  // namespace
}  // namespace sockwatch::firewall
