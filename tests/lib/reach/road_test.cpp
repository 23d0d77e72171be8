// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/road.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

using Fate = Leaf::Fate;
const AddressSet kSome = addresses("8.0.0.0/8") | addresses("172.17.0.0/24");

class TheRoad : public testing::Test {
 protected:
  void travel(std::vector<Chain> chains, const std::string& to = "198.51.100.1", std::size_t interface = 1,
              std::uint8_t packet_type = 0) {
    network_.prepare();
    rules_ = ruleset(std::move(chains));
    rules_.unread = unread_;
    const Flow flow{.rules = rules_,
                    .network = network_,
                    .input = network_.interfaces[interface],
                    .reasons = reasons_,
                    .destination = ip(to),
                    .port = 80,
                    .packet_type = packet_type};
    SetLookup sets;
    leaves_ = firewall::travel(flow, kSome, sets);
  }
  AddressSet of(Fate fate) const {
    AddressSet set;
    for (const Leaf& leaf : leaves_) {
      if (leaf.fate == fate) set = set | leaf.packet.sources;
    }
    return set;
  }
  std::string why() const { return leaves_.empty() ? "" : leaves_.back().why; }

  Ruleset rules_;
  Network network_ = network();
  Reasons reasons_;
  std::vector<std::string> unread_;
  std::vector<Leaf> leaves_;
};

TEST_F(TheRoad, without_rules_everybody_is_let_in) {
  travel({});
  EXPECT_EQ(of(Fate::Delivered), kSome);
}

TEST_F(TheRoad, accept_ends_a_chain_and_drop_ends_all) {
  travel({base_chain(Hook::Input, 0, false, {{kAccept}}, "first"),
          base_chain(Hook::Input, 10, false, {{kDrop}}, "second")});
  EXPECT_EQ(of(Fate::Dropped), kSome);
  travel({base_chain(Hook::Input, 10, false, {{kAccept}}, "second"),
          base_chain(Hook::Input, 0, false, {{kDrop}}, "first")});
  EXPECT_EQ(of(Fate::Dropped), kSome);
}

TEST_F(TheRoad, chains_of_the_other_family_are_not_asked) {
  Chain other = base_chain(Hook::Input, 0, true, {});
  other.family = TableFamily::Ip6;
  travel({other});
  EXPECT_EQ(of(Fate::Delivered), kSome);
}

TEST_F(TheRoad, what_comes_for_this_machine_is_not_forwarded) {
  travel({base_chain(Hook::Forward, 0, true, {})});
  EXPECT_EQ(of(Fate::Delivered), kSome);
}

TEST_F(TheRoad, a_new_destination_is_forwarded_past_the_input_chain) {
  travel({base_chain(Hook::Input, 0, true, {}), nat_chain({to_address("172.17.0.2", 8080)})});
  ASSERT_EQ(of(Fate::Forwarded), kSome);
  EXPECT_EQ(leaves_[0].packet.output->name, "docker0");
  EXPECT_EQ(leaves_[0].packet.port, 8080);
}

TEST_F(TheRoad, the_forward_chain_stops_what_is_handed_on) {
  travel({base_chain(Hook::Forward, 0, true, {}), nat_chain({to_address("172.17.0.2", 8080)})});
  EXPECT_EQ(of(Fate::Dropped), kSome);
}

TEST_F(TheRoad, nothing_is_forwarded_where_forwarding_is_off) {
  network_.interfaces[1].forwards_v4 = false;
  travel({nat_chain({to_address("172.17.0.2", 8080)})});
  EXPECT_EQ(of(Fate::Dropped), kSome);
  EXPECT_EQ(why(), "forwarding is off on eth0");
}

TEST_F(TheRoad, nat_has_its_own_place_whatever_its_priority) {
  // Before -100 the port is still the old one, in a nat chain of -300, too.
  travel({base_chain(Hook::Prerouting, -150, false, {port_is(8080) + kDrop}),
          nat_chain({to_address("172.17.0.2", 8080)}, -300)});
  EXPECT_EQ(of(Fate::Forwarded), kSome);
  travel({base_chain(Hook::Prerouting, -50, false, {port_is(8080) + kDrop}),
          nat_chain({to_address("172.17.0.2", 8080)}, -300)});
  EXPECT_EQ(of(Fate::Dropped), kSome);
}

TEST_F(TheRoad, only_the_first_translation_counts) {
  travel({nat_chain({to_address("172.17.0.2", 1)}, -110, "a"),
          nat_chain({to_address("172.17.0.2", 2)}, -100, "b")});
  ASSERT_EQ(leaves_.size(), 1U);
  EXPECT_EQ(leaves_[0].packet.port, 1);
}

TEST_F(TheRoad, of_two_nat_chains_of_one_priority_either_may_be_first) {
  travel({nat_chain({to_address("172.17.0.2", 1)}, -100, "a"),
          nat_chain({to_address("172.17.0.2", 2)}, -100, "b")});
  EXPECT_EQ(leaves_.size(), 2U);
}

TEST_F(TheRoad, what_is_not_tracked_is_not_translated) {
  travel(
      {base_chain(Hook::Prerouting, -300, false, {{Untrack{}}}), nat_chain({to_address("172.17.0.2", 1)})});
  EXPECT_EQ(of(Fate::Delivered), kSome);
}

TEST_F(TheRoad, raw_is_asked_before_tracking) {
  travel({base_chain(Hook::Prerouting, -300, false, {state_is_new() + kDrop})});
  EXPECT_EQ(of(Fate::Delivered), kSome);
  travel({base_chain(Hook::Prerouting, -150, false, {state_is_new() + kDrop})});
  EXPECT_EQ(of(Fate::Dropped), kSome);
}

TEST_F(TheRoad, ingress_is_asked_of_its_own_interface) {
  Chain ingress = base_chain(Hook::Ingress, 0, true, {});
  ingress.family = TableFamily::Netdev;
  ingress.base->devices = {"docker0"};
  travel({ingress});
  EXPECT_EQ(of(Fate::Delivered), kSome);
  ingress.base->devices.push_back("eth0");
  travel({ingress});
  EXPECT_EQ(of(Fate::Dropped), kSome);
}

TEST_F(TheRoad, a_strict_rp_filter_wants_the_answer_to_go_back_there) {
  network_.interfaces[1].reverse_path_filter = 1;
  travel({});
  EXPECT_EQ(of(Fate::Delivered), addresses("8.0.0.0/8"));
  network_.interfaces[1].reverse_path_filter = 2;
  travel({});
  EXPECT_EQ(of(Fate::Delivered),
            addresses("8.0.0.0/8") | (addresses("172.17.0.0/24") - addresses("172.17.0.1")));
  network_.policy_routing_v4 = "policy routing, rule 7";
  travel({});
  EXPECT_EQ(of(Fate::Undecided), kSome);
}

TEST_F(TheRoad, loopback_is_out_of_reach_of_a_new_destination_without_route_localnet) {
  travel({nat_chain({to_address("127.0.0.1", 80)})});
  EXPECT_EQ(of(Fate::Dropped), kSome);
  network_.interfaces[1].routes_loopback = true;
  travel({nat_chain({to_address("127.0.0.1", 80)})});
  EXPECT_EQ(of(Fate::Delivered), kSome);
}

TEST_F(TheRoad, a_broadcast_is_delivered_and_never_forwarded) {
  travel({}, "255.255.255.255", 1, 1);
  EXPECT_EQ(of(Fate::Delivered), kSome);
  travel({nat_chain({to_address("172.17.0.2", 80)})}, "255.255.255.255", 1, 1);
  EXPECT_EQ(of(Fate::Dropped), kSome);
}

TEST_F(TheRoad, programs_on_the_interface_decide_before_all_rules) {
  network_.interfaces[1].programs = {"XDP program 17"};
  travel({base_chain(Hook::Input, 0, true, {})});
  EXPECT_EQ(of(Fate::Undecided), kSome);
  EXPECT_EQ(reasons_.texts(leaves_[0].packet.reasons), std::vector<std::string>{"XDP program 17 on eth0"});
}

TEST_F(TheRoad, what_was_not_read_may_decide_otherwise) {
  unread_ = {"legacy iptables: filter"};
  travel({base_chain(Hook::Input, 0, true, {})});
  EXPECT_EQ(of(Fate::Undecided), kSome);
}

TEST_F(TheRoad, a_bridge_table_decides_about_bridges_alone) {
  Chain bridge = base_chain(Hook::Input, 0, true, {});
  bridge.family = TableFamily::Bridge;
  travel({bridge});
  EXPECT_EQ(of(Fate::Delivered), kSome);
  travel({bridge}, "172.17.0.1", 2);
  EXPECT_EQ(of(Fate::Undecided), kSome);
}

}  // namespace
}  // namespace sockwatch::firewall
