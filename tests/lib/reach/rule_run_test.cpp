// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/rule_run.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

class RunRule : public testing::Test, protected RuleSink {
 protected:
  void run(Expressions expressions, std::vector<NamedSet> sets = {}) {
    rules_ = ruleset({base_chain(Hook::Input, 0, false, {std::move(expressions)})}, std::move(sets));
    const Decision here{&rules_.chains[0], &rules_.chains[0].rules[0]};
    Packet packet = start_;
    packet.sources = AddressSet::all(IpFamily::V4);
    packet.destination = flow_.destination;
    packet.port = flow_.port;
    RuleRun(flow_, place_, here, sets_, *this).run(std::move(packet));
  }

  void go_on(Packet packet) override {
    AddressSet& sources = packet.unusual ? unusual_on_ : went_on_;
    sources = sources | packet.sources;
    last_ = packet;
  }
  void decide(Packet packet, const Verdict& verdict) override {
    if (!packet.unusual) decided_ = decided_ | packet.sources;
    verdict_ = verdict.kind;
    last_ = packet;
  }
  void give_up(Packet packet) override {
    given_up_ = given_up_ | packet.sources;
    last_ = packet;
  }

  Ruleset rules_;
  Network network_ = network();
  Reasons reasons_;
  Flow flow_{.rules = rules_,
             .network = network_,
             .input = network_.interfaces[1],
             .reasons = reasons_,
             .destination = ip("198.51.100.1"),
             .port = 22};
  Place place_{Hook::Input, TableFamily::Inet, true};
  SetLookup sets_;
  Packet start_;
  AddressSet went_on_, unusual_on_, decided_, given_up_;
  Verdict::Kind verdict_ = Verdict::Kind::Continue;
  Packet last_;
};

const AddressSet kAll = AddressSet::all(IpFamily::V4);

TEST_F(RunRule, without_a_test_it_decides_about_all) {
  run({kDrop});
  EXPECT_EQ(decided_, kAll);
  EXPECT_TRUE(went_on_.empty());
}

TEST_F(RunRule, another_port_is_none_of_its_business) {
  run(port_is(23) + kDrop);
  EXPECT_EQ(went_on_, kAll);
  EXPECT_TRUE(decided_.empty());
}

TEST_F(RunRule, a_test_of_the_source_splits) {
  run(port_is(22) + source_begins("10.0.0.0", 1) + kAccept);
  EXPECT_EQ(decided_, addresses("10.0.0.0/8"));
  EXPECT_EQ(went_on_, kAll - addresses("10.0.0.0/8"));
}

TEST_F(RunRule, a_comparison_may_be_of_order) {
  const Expressions source{LoadHeader{Header::Network, 12, 4, 0}};
  run(source + Compare{0, Comparison::Less, {10, 0, 0, 0}} + kAccept);
  EXPECT_EQ(decided_, AddressSet::range(0, number_of(ip("9.255.255.255"))));
  EXPECT_EQ(went_on_, kAll - decided_);
}

TEST_F(RunRule, what_nobody_knows_goes_both_ways_with_its_reason) {
  run({UnknownTest{"xt match time"}, kAccept});
  EXPECT_EQ(decided_, kAll);
  EXPECT_EQ(went_on_, kAll);
  EXPECT_EQ(reasons_.texts(last_.reasons), std::vector<std::string>{"xt match time"});
}

TEST_F(RunRule, an_ordinary_sender_stays_below_a_limit) {
  run({Limit{}, kAccept});
  EXPECT_EQ(decided_, kAll);
  EXPECT_TRUE(went_on_.empty());
  EXPECT_EQ(unusual_on_, kAll);
}

TEST_F(RunRule, a_set_may_be_asked_for_what_is_not_in_it) {
  NamedSet set{.table = "t", .name = "s", .fields = {4}};
  set.elements = {{{10, 0, 0, 1}, {10, 0, 0, 1}, {}, {}}};
  run({LoadHeader{Header::Network, 12, 4, 0}, Lookup{.set = "s", .invert = true}, kDrop}, {set});
  EXPECT_EQ(went_on_, addresses("10.0.0.1"));
  EXPECT_EQ(decided_, kAll - addresses("10.0.0.1"));
}

TEST_F(RunRule, a_map_decides_about_its_keys_and_about_no_others) {
  NamedSet map{.table = "t", .name = "m", .fields = {4}};
  map.elements = {{{10, 0, 0, 1}, {10, 0, 0, 1}, {}, kDrop}};
  run({LoadHeader{Header::Network, 12, 4, 0}, Lookup{.set = "m", .to_verdict = true}}, {map});
  EXPECT_EQ(decided_, addresses("10.0.0.1"));
  EXPECT_EQ(verdict_, Verdict::Kind::Drop);
  EXPECT_EQ(went_on_, kAll - decided_);
}

TEST_F(RunRule, of_an_unreadable_map_nothing_is_known) {
  const NamedSet map{.table = "t", .name = "m", .fields = {2}, .unreadable = "more elements than are read"};
  run({LoadHeader{Header::Transport, 2, 2, 0}, Lookup{.set = "m", .to_verdict = true}}, {map});
  EXPECT_EQ(given_up_, kAll);
  EXPECT_EQ(reasons_.texts(last_.reasons), std::vector<std::string>{"set m: more elements than are read"});
}

TEST_F(RunRule, marks_are_followed) {
  run({Immediate{{3, 0, 0, 0}, 0}, SetMark{.from = 0}, SetMark{.from = 0, .of_flow = true}});
  EXPECT_EQ(last_.mark, (Mark{3, 0}));
  EXPECT_EQ(last_.flow_mark, (Mark{3, 0}));
  run({LoadUnknown{.what = "numgen"}, SetMark{.from = 0}});
  EXPECT_NE(last_.mark.unknown, 0U);
}

TEST_F(RunRule, a_number_out_of_few_is_each_of_them_in_turn) {
  run({LoadUnknown{.what = "numgen", .choices = 3, .first = 1}, Compare{0, Comparison::Equal, {3, 0, 0, 0}},
       kAccept});
  EXPECT_EQ(decided_, kAll);
  EXPECT_EQ(went_on_, kAll);
  EXPECT_EQ(reasons_.texts(last_.reasons), std::vector<std::string>{"numgen"});
}

TEST_F(RunRule, a_new_destination_ends_the_chain) {
  run(port_is(22) + to_address("172.17.0.2", 80));
  EXPECT_EQ(verdict_, Verdict::Kind::Accept);
  EXPECT_TRUE(last_.translated);
  EXPECT_EQ(last_.destination, ip("172.17.0.2"));
  EXPECT_EQ(last_.port, 80);
  EXPECT_EQ(last_.translator.rule->handle, 1U);
}

TEST_F(RunRule, one_of_several_destinations_is_none_that_is_known) {
  run({Immediate{{172, 17, 0, 2}, 0}, Immediate{{172, 17, 0, 9}, 16},
       NewDestination{.has_address = true, .address = 0, .last_address = 16}});
  EXPECT_FALSE(last_.destination_known);
}

TEST_F(RunRule, a_network_is_mapped_upon_another_host_by_host) {
  run({Immediate{{172, 17, 0, 0}, 0}, Immediate{{172, 17, 0, 255}, 16},
       NewDestination{.has_address = true, .address = 0, .last_address = 16, .keeps_host_part = true}});
  EXPECT_EQ(last_.destination, ip("172.17.0.1"));
}

TEST_F(RunRule, a_translation_of_another_family_does_not_fit) {
  run(to_address("2001:db8::2", 80) + kDrop);
  EXPECT_EQ(verdict_, Verdict::Kind::Drop);
}

TEST_F(RunRule, redirect_leads_to_the_interface_it_came_in_by) {
  run({Immediate{bytes_of(8080), 0}, ToThisMachine{.has_port = true, .port = 0, .last_port = 0}});
  EXPECT_EQ(last_.destination, ip("198.51.100.1"));
  EXPECT_EQ(last_.port, 8080);
}

TEST_F(RunRule, no_tracking_is_for_what_is_not_tracked_yet) {
  run({Untrack{}});
  EXPECT_FALSE(last_.untracked);
  place_.tracked = false;
  run({Untrack{}});
  EXPECT_TRUE(last_.untracked);
}

TEST_F(RunRule, a_rewritten_address_is_followed_no_further) {
  run({WriteHeader{Header::Network, 16, 4, 0}, kAccept});
  EXPECT_EQ(given_up_, kAll);
  given_up_ = {};
  run({WriteHeader{Header::Network, 1, 1, 0}, kAccept});
  EXPECT_TRUE(given_up_.empty());
}

TEST_F(RunRule, past_the_registers_nothing_is_compared) {
  run({Compare{60, Comparison::Equal, Constant(16, 0)}, kAccept});
  EXPECT_EQ(given_up_, kAll);
}

}  // namespace
}  // namespace sockwatch::firewall
