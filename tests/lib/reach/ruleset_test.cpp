// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/ruleset.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

TEST(Ruleset, names_are_those_of_the_same_table) {
  Chain elsewhere = plain_chain("one", {});
  elsewhere.table = "other";
  NamedSet set{.table = "t", .name = "ports", .fields = {2}};
  const Ruleset rules =
      ruleset({elsewhere, base_chain(Hook::Input, 0, false, {{Lookup{.set = "ports"}, jump("one")}}),
               plain_chain("one", {})},
              {set});
  const auto& expressions = rules.chains[1].rules[0].expressions;
  EXPECT_EQ(std::get<Lookup>(expressions[0]).target, 0U);
  EXPECT_EQ(std::get<Verdict>(expressions[1]).target, 2U);
}

TEST(Ruleset, what_is_not_there_is_undecidable_and_not_passed_over) {
  const Ruleset rules =
      ruleset({base_chain(Hook::Input, 0, false, {{jump("gone")}, {Lookup{.set = "lost"}}})});
  EXPECT_EQ(std::get<Undecidable>(rules.chains[0].rules[0].expressions[0]).what,
            "chain gone, which is not there");
  EXPECT_EQ(std::get<Undecidable>(rules.chains[0].rules[1].expressions[0]).what,
            "set lost, which is not there");
}

TEST(Ruleset, elements_are_sorted_and_lead_to_chains) {
  NamedSet map{.table = "t", .name = "map", .fields = {1}};
  map.elements = {{{9}, {9}, {}, kDrop}, {{3}, {3}, {}, jump("one")}};
  const Ruleset rules = ruleset({plain_chain("one", {})}, {map});
  EXPECT_EQ(rules.sets[0].elements[0].first, Constant{3});
  EXPECT_EQ(rules.sets[0].elements[0].verdict.target, 0U);
}

TEST(Ruleset, a_rule_is_known_by_its_handle_and_a_policy_by_its_chain) {
  const Ruleset rules = ruleset({base_chain(Hook::Input, 0, true, {port_is(22)}, "input")});
  EXPECT_EQ(rule_name(rules.chains[0], &rules.chains[0].rules[0]), "inet t, chain input, handle 1");
  EXPECT_EQ(rule_name(rules.chains[0], nullptr), "inet t, chain input, policy drop");
  EXPECT_EQ(rules.rule_count(), 1U);
}

}  // namespace
}  // namespace sockwatch::firewall
