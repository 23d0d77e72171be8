// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/ports_in_rules.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

using Ports = std::vector<std::uint16_t>;
const Expression kLoad = LoadHeader{Header::Transport, 2, 2, 0};

TEST(PortsInRules, a_port_begins_and_ends) {
  EXPECT_EQ(port_borders_before_routing(ruleset({nat_chain({port_is(80)})})), (Ports{0, 80, 81}));
  EXPECT_EQ(port_borders_before_routing(ruleset({nat_chain({port_is(65535)})})), (Ports{0, 65535}));
}

TEST(PortsInRules, a_range_has_two_ends_however_it_is_written) {
  const Ports ends{0, 7000, 7101};
  EXPECT_EQ(port_borders_before_routing(
                ruleset({nat_chain({{kLoad, InRange{0, bytes_of(7000), bytes_of(7100)}}})})),
            ends);
  EXPECT_EQ(port_borders_before_routing(
                ruleset({nat_chain({{kLoad, Compare{0, Comparison::GreaterOrEqual, bytes_of(7000)},
                                     Compare{0, Comparison::LessOrEqual, bytes_of(7100)}}})})),
            ends);
}

TEST(PortsInRules, a_set_of_pairs_has_its_ports_where_they_were_loaded) {
  NamedSet pairs{.table = "t", .name = "pairs", .fields = {4, 2}, .intervals = true};
  pairs.elements = {{{10, 0, 0, 0, 0, 80, 0, 0}, {10, 0, 0, 255, 0, 90, 0, 0}, {}, {}}};
  const Expressions rule{LoadHeader{Header::Network, 12, 4, 0}, LoadHeader{Header::Transport, 2, 2, 4},
                         Lookup{.set = "pairs"}};
  EXPECT_EQ(port_borders_before_routing(ruleset({nat_chain({rule})}, {pairs})), (Ports{0, 80, 91}));
}

TEST(PortsInRules, what_was_overwritten_is_no_port) {
  const Expressions rule{kLoad, LoadHeader{Header::Network, 12, 4, 0},
                         Compare{0, Comparison::Equal, {10, 0, 0, 1}}};
  EXPECT_EQ(port_borders_before_routing(ruleset({nat_chain({rule})})), Ports{0});
}

TEST(PortsInRules, chains_behind_the_routing_do_not_count_and_called_ones_do) {
  EXPECT_EQ(port_borders_before_routing(ruleset({base_chain(Hook::Input, 0, false, {port_is(80)})})),
            Ports{0});
  EXPECT_EQ(
      port_borders_before_routing(ruleset({nat_chain({{jump("one")}}), plain_chain("one", {port_is(80)})})),
      (Ports{0, 80, 81}));
}

TEST(PortsInRules, only_a_translation_is_one) {
  EXPECT_FALSE(translates_before_routing(ruleset({nat_chain({port_is(80) + kAccept})})));
  EXPECT_TRUE(translates_before_routing(ruleset({nat_chain({port_is(80) + to_address("172.17.0.2", 1)})})));
}

}  // namespace
}  // namespace sockwatch::firewall
