// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/reach.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

using Texts = std::vector<std::string>;

Reach ask(std::vector<Chain> chains, const ReachTarget& target, Network net = network()) {
  net.prepare();
  const Ruleset rules = ruleset(std::move(chains));
  return ReachQuestion(rules, net).ask(target);
}

ReachTarget target(const std::string& address, std::uint16_t port = 80) {
  return {.address = ip(address), .port = port};
}

TEST(Reach, without_a_firewall_it_is_open_by_every_interface) {
  const Reach reach = ask({}, target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Open);
  ASSERT_EQ(reach.ways.size(), 2U);
  EXPECT_EQ(reach.ways[0].interface, "eth0");
  EXPECT_TRUE(reach.ways[0].everybody);
  EXPECT_EQ(reach.ways[0].prefixes_of(reach.ways[0].certain), Texts{"0.0.0.0/0"});
}

TEST(Reach, a_closed_firewall_stops_everybody_and_is_named) {
  const Reach reach = ask({base_chain(Hook::Input, 0, true, {port_is(22) + kAccept})}, target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Filtered);
  EXPECT_TRUE(reach.ways.empty());
  EXPECT_EQ(reach.decided_by, Texts{"inet t, chain base, policy drop"});
}

TEST(Reach, some_senders_are_some) {
  const Reach reach =
      ask({base_chain(Hook::Input, 0, true, {source_begins("10.0.0.0", 1) + kAccept})}, target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Limited);
  EXPECT_EQ(reach.ways[0].prefixes_of(reach.ways[0].certain), Texts{"10.0.0.0/8"});
  EXPECT_EQ(reach.decided_by, Texts{"inet t, chain base, handle 1"});
}

TEST(Reach, loopback_has_nothing_to_ask) {
  const std::vector<Chain> closed{base_chain(Hook::Input, 0, true, {})};
  EXPECT_EQ(ask(closed, target("127.0.0.1")).word, ReachWord::Local);
  EXPECT_EQ(ask({}, target("::1")).word, ReachWord::Local);
  Network net = network();
  net.interfaces[1].routes_loopback = true;
  EXPECT_EQ(ask({}, target("127.0.0.1"), net).word, ReachWord::Open);
}

TEST(Reach, what_nobody_knows_is_unknown_and_never_filtered) {
  const Reach reach =
      ask({base_chain(Hook::Input, 0, true, {{UnknownTest{"xt match time"}, kAccept}})}, target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Unknown);
  EXPECT_EQ(reach.unknown, Texts{"xt match time"});
  EXPECT_TRUE(reach.ways[0].certain.empty());
  EXPECT_TRUE(reach.ways[0].possible.contains(number_of(ip("8.8.8.8"))));
}

TEST(Reach, a_coin_on_one_side_of_the_net_spoils_not_the_other) {
  const Reach reach = ask({base_chain(Hook::Input, 0, true,
                                      {source_begins("10.0.0.0", 1) + UnknownTest{"coin"} + kAccept,
                                       source_begins("11.0.0.0", 1) + kAccept})},
                          target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Limited);
  EXPECT_EQ(reach.ways[0].certain, addresses("11.0.0.0/8"));
  EXPECT_EQ(reach.unknown, Texts{"coin"});
}

TEST(Reach, who_comes_slowly_gets_through_a_limit) {
  EXPECT_EQ(ask({base_chain(Hook::Input, 0, true, {{Limit{}, kAccept}})}, target("0.0.0.0")).word,
            ReachWord::Open);
  EXPECT_EQ(ask({base_chain(Hook::Input, 0, false, {{Limit{true}, kDrop}})}, target("0.0.0.0")).word,
            ReachWord::Open);
  // Here it is the other way round: who hurries gets in, so filtered would be a lie.
  EXPECT_EQ(ask({base_chain(Hook::Input, 0, false, {{Limit{}, kDrop}})}, target("0.0.0.0")).word,
            ReachWord::Unknown);
}

TEST(Reach, a_privileged_source_port_can_be_chosen) {
  const Expressions from_53{LoadHeader{Header::Transport, 0, 2, 0},
                            Compare{0, Comparison::Equal, bytes_of(53)}, kAccept};
  const Reach reach = ask({base_chain(Hook::Input, 0, true, {from_53})}, target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Unknown);
}

TEST(Reach, a_device_is_the_only_way_in_to_what_is_bound_to_it) {
  ReachTarget bound = target("0.0.0.0");
  bound.interface_index = 3;
  const Reach reach = ask({}, bound);
  ASSERT_EQ(reach.ways.size(), 1U);
  EXPECT_EQ(reach.ways[0].interface, "docker0");
}

TEST(Reach, ports_of_a_bridge_are_no_ways_in) {
  Network net = network();
  net.interfaces[1].master = 3;
  EXPECT_EQ(ask({}, target("0.0.0.0"), net).ways.size(), 1U);
}

TEST(Reach, an_ipv6_wildcard_may_take_ipv4_too) {
  ReachTarget any = target("::");
  EXPECT_EQ(ask({}, any).ways.size(), 2U);  // either address by either interface
  any.covers_ipv4 = true;
  EXPECT_EQ(ask({}, any).ways.size(), 4U);
}

TEST(Reach, datagrams_to_a_group_are_let_in_where_others_are_not) {
  Network net = network();
  net.interfaces[1].groups = {ip("224.0.0.251")};
  const Expressions to_group{LoadHeader{Header::Network, 16, 4, 0},
                             Compare{0, Comparison::Equal, {224, 0, 0, 251}}, kAccept};
  ReachTarget mdns = target("0.0.0.0", 5353);
  mdns.transport = IPPROTO_UDP;
  EXPECT_EQ(ask({base_chain(Hook::Input, 0, true, {to_group})}, mdns, net).word, ReachWord::Open);
  mdns.transport = IPPROTO_TCP;
  EXPECT_EQ(ask({base_chain(Hook::Input, 0, true, {to_group})}, mdns, net).word, ReachWord::Filtered);
}

TEST(Reach, a_port_that_is_handed_on_is_named_with_its_rule) {
  const Reach reach =
      ask({base_chain(Hook::Input, 0, true, {}), nat_chain({port_is(80) + to_address("172.17.0.2", 8080)})},
          target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Open);
  EXPECT_EQ(reach.published_to, Texts{"172.17.0.2:8080"});
  EXPECT_EQ(reach.decided_by.front(), "inet t, chain nat, handle 1");
}

TEST(Reach, what_was_not_read_makes_all_unknown_but_loopback) {
  Network net = network();
  Ruleset rules = ruleset({base_chain(Hook::Input, 0, true, {})});
  rules.unread = {"legacy iptables: filter"};
  ReachQuestion question(rules, net);
  EXPECT_EQ(question.ask(target("0.0.0.0")).word, ReachWord::Unknown);
  EXPECT_EQ(question.ask(target("0.0.0.0")).unknown, Texts{"legacy iptables: filter"});
  EXPECT_EQ(question.ask(target("127.0.0.1")).word, ReachWord::Local);
}

TEST(Reach, everybody_but_one_network_is_said_in_few_prefixes) {
  const Reach reach =
      ask({base_chain(Hook::Input, 0, false, {source_begins("10.0.0.0", 1) + kDrop})}, target("0.0.0.0"));
  EXPECT_EQ(reach.word, ReachWord::Limited);
  EXPECT_LT(reach.ways[0].prefixes_of(reach.ways[0].certain).size(), 10U);
}

}  // namespace
}  // namespace sockwatch::firewall
