// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/chain_walk.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

const AddressSet kAll = AddressSet::all(IpFamily::V4);

class Walk : public testing::Test {
 protected:
  // The first chain is the base.
  std::vector<Packet> walk(std::vector<Chain> chains) {
    rules_ = ruleset(std::move(chains));
    leaves_.clear();
    Packet packet;
    packet.sources = kAll;
    packet.port = flow_.port;
    std::vector<Packet> packets{packet};
    return ChainWalk(flow_, sets_, leaves_)
        .through(rules_.chains[0], {Hook::Input, TableFamily::Inet, true}, packets);
  }
  AddressSet left(Leaf::Fate fate) const {
    AddressSet set;
    for (const Leaf& leaf : leaves_) {
      if (leaf.fate == fate) set = set | leaf.packet.sources;
    }
    return set;
  }
  static AddressSet all_of(const std::vector<Packet>& packets) {
    AddressSet set;
    for (const Packet& packet : packets) set = set | packet.sources;
    return set;
  }

  Ruleset rules_;
  Network network_ = network();
  Reasons reasons_;
  Flow flow_{
      .rules = rules_, .network = network_, .input = network_.interfaces[1], .reasons = reasons_, .port = 22};
  SetLookup sets_;
  std::vector<Leaf> leaves_;
};

TEST_F(Walk, the_first_rule_that_fits_decides) {
  const auto passed =
      walk({base_chain(Hook::Input, 0, true,
                       {source_begins("10.0.0.0", 1) + kDrop, source_begins("10.0.0.0", 1) + kAccept,
                        source_begins("11.0.0.0", 1) + kAccept})});
  EXPECT_EQ(all_of(passed), addresses("11.0.0.0/8"));
  EXPECT_EQ(left(Leaf::Fate::Dropped), kAll - addresses("11.0.0.0/8"));
  EXPECT_EQ(passed[0].let_in.rule->handle, 3U);
}

TEST_F(Walk, the_policy_decides_about_the_rest_and_is_named) {
  (void)walk({base_chain(Hook::Input, 0, true, {})});
  ASSERT_EQ(leaves_.size(), 1U);
  EXPECT_EQ(rule_name(*leaves_[0].by.chain, leaves_[0].by.rule), "inet t, chain base, policy drop");
}

TEST_F(Walk, a_jump_comes_back_and_a_goto_does_not) {
  const Chain one =
      plain_chain("one", {source_begins("10.0.0.0", 1) + kReturn, source_begins("11.0.0.0", 1) + kDrop});
  EXPECT_EQ(
      all_of(walk(
          {base_chain(Hook::Input, 0, true, {{jump("one")}, source_begins("10.0.0.0", 1) + kAccept}), one})),
      addresses("10.0.0.0/8"));
  EXPECT_TRUE(walk({base_chain(Hook::Input, 0, true, {{go_to("one")}, {kAccept}}), one}).empty());
  EXPECT_EQ(all_of(walk({base_chain(Hook::Input, 0, false, {{go_to("one")}, {kDrop}}), one})),
            kAll - addresses("11.0.0.0/8"));
}

TEST_F(Walk, a_goto_in_a_called_chain_comes_back_to_the_caller) {
  const auto passed = walk({base_chain(Hook::Input, 0, true, {{jump("one")}, {kAccept}}),
                            plain_chain("one", {{go_to("two")}, {kDrop}}), plain_chain("two", {})});
  EXPECT_EQ(all_of(passed), kAll);
}

TEST_F(Walk, chains_that_call_each_other_without_end_are_undecidable) {
  const auto passed =
      walk({base_chain(Hook::Input, 0, false, {{jump("one")}}), plain_chain("one", {{jump("one")}})});
  EXPECT_TRUE(passed.empty());
  EXPECT_EQ(left(Leaf::Fate::Undecided), kAll);
}

TEST_F(Walk, what_differs_in_nothing_but_its_source_goes_on_as_one) {
  const auto passed = walk({base_chain(
      Hook::Input, 0, false,
      {source_begins("10.0.0.0", 1) + Immediate{{1, 0, 0, 0}, 0}, source_begins("11.0.0.0", 1)})});
  ASSERT_EQ(passed.size(), 1U);
  EXPECT_EQ(passed[0].sources, kAll);
}

TEST_F(Walk, a_rule_that_let_it_in_says_more_than_the_policy_after_it) {
  std::vector<Packet> passed = walk({base_chain(Hook::Input, 0, true, {{kAccept}})});
  const Chain later = base_chain(Hook::Input, 10, false, {});
  passed = ChainWalk(flow_, sets_, leaves_).through(later, {Hook::Input, TableFamily::Inet, true}, passed);
  ASSERT_EQ(passed.size(), 1U);
  EXPECT_NE(passed[0].let_in.rule, nullptr);
}

TEST_F(Walk, too_many_cases_are_given_up_and_nothing_is_lost) {
  std::vector<Expressions> rules;
  for (std::uint8_t i = 1; i < 20; ++i)
    rules.push_back({UnknownTest{"coin"}, LoadMeta{MetaField::Mark, 0},
                     Bitwise{0,
                             0,
                             {static_cast<std::uint8_t>(~(1U << i % 8)), 255, 255, 255},
                             {static_cast<std::uint8_t>(1U << i % 8), i, 0, 0}},
                     SetMark{.from = 0}});
  const auto passed = walk({base_chain(Hook::Input, 0, false, std::move(rules))});
  EXPECT_EQ(all_of(passed) | left(Leaf::Fate::Undecided), kAll);
}

TEST_F(Walk, the_path_is_kept_where_it_is_asked_for) {
  flow_.with_path = true;
  const auto passed =
      walk({base_chain(Hook::Input, 0, true, {{jump("one")}}), plain_chain("one", {{kAccept}})});
  ASSERT_EQ(passed.size(), 1U);
  EXPECT_EQ(passed[0].path->what, "accept");
  EXPECT_EQ(passed[0].path->before->what, "jump one");
}

}  // namespace
}  // namespace sockwatch::firewall
