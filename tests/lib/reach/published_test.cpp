// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/published.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

std::vector<PublishedPort> published(std::vector<Chain> chains) {
  const Ruleset rules = ruleset(std::move(chains));
  const Network net = network();
  return published_ports(rules, net);
}

TEST(Published, a_port_that_is_handed_on_needs_no_socket) {
  const auto ports = published({nat_chain({port_is(8080) + to_address("172.17.0.2", 80)})});
  // The rule says nothing of the protocol.
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0].first_port, 8080);
  EXPECT_EQ(ports[0].last_port, 8080);
  EXPECT_EQ(ports[0].address, ip("0.0.0.0"));
  EXPECT_EQ(ports[0].to_address, ip("172.17.0.2"));
  EXPECT_EQ(ports[0].to_port, 80);
  EXPECT_EQ(ports[0].rule, "inet t, chain nat, handle 1");
  EXPECT_EQ(ports[0].reach.word, ReachWord::Open);
}

TEST(Published, past_a_closed_input_chain_it_is_open_all_the_same) {
  const auto ports = published(
      {base_chain(Hook::Input, 0, true, {}), nat_chain({port_is(8080) + to_address("172.17.0.2", 80)})});
  EXPECT_EQ(ports.at(0).reach.word, ReachWord::Open);
  EXPECT_EQ(ports.at(0).reach.decided_by, std::vector<std::string>{"inet t, chain nat, handle 1"});
}

TEST(Published, behind_a_closed_forward_chain_it_is_filtered) {
  const auto ports = published(
      {base_chain(Hook::Forward, 0, true, {}), nat_chain({port_is(8080) + to_address("172.17.0.2", 80)})});
  EXPECT_EQ(ports.at(0).reach.word, ReachWord::Filtered);
}

TEST(Published, at_one_address_it_is_published_there) {
  const Expressions there{LoadHeader{Header::Network, 16, 4, 0},
                          Compare{0, Comparison::Equal, {198, 51, 100, 1}}};
  const auto ports = published({nat_chain({there + port_is(8080) + to_address("172.17.0.2", 80)})});
  EXPECT_EQ(ports.at(0).address, ip("198.51.100.1"));
}

TEST(Published, for_some_senders_it_is_limited) {
  const auto ports =
      published({nat_chain({source_begins("10.0.0.0", 1) + port_is(8080) + to_address("172.17.0.2", 80)})});
  EXPECT_EQ(ports.at(0).reach.word, ReachWord::Limited);
  EXPECT_EQ(ports.at(0).reach.ways.at(0).certain, addresses("10.0.0.0/8"));
}

TEST(Published, a_range_is_one_row) {
  const Expressions range{LoadHeader{Header::Transport, 2, 2, 0}, InRange{0, bytes_of(7000), bytes_of(7100)}};
  const auto ports = published({nat_chain({range + to_address("172.17.0.2", 0)})});
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0].first_port, 7000);
  EXPECT_EQ(ports[0].last_port, 7100);
  EXPECT_EQ(ports[0].to_port, 0);
}

TEST(Published, without_translations_nothing_is) {
  EXPECT_TRUE(published({nat_chain({port_is(80) + kAccept})}).empty());
}

}  // namespace
}  // namespace sockwatch::firewall
