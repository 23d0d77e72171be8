// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/route_question.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

class RouteQuestion : public testing::Test {
 protected:
  RouteQuestion() { packet_.sources = AddressSet::all(IpFamily::V4); }
  std::vector<RouteAnswer> routes(const LoadRoute& question) { return ask_routes(question, flow_, packet_); }

  Ruleset rules_;
  Network network_ = network();
  Reasons reasons_;
  Flow flow_{.rules = rules_, .network = network_, .input = network_.interfaces[1], .reasons = reasons_};
  Packet packet_;
};

TEST_F(RouteQuestion, senders_are_of_several_kinds_to_the_routing_tables) {
  AddressSet local;
  AddressSet all;
  for (const RouteAnswer& answer :
       routes({.about = LoadRoute::About::Source, .result = LoadRoute::Result::Type})) {
    ASSERT_TRUE(answer.value.has_value());
    EXPECT_TRUE((answer.sources & all).empty());
    all = all | answer.sources;
    if (answer.value->front() == 2) local = local | answer.sources;  // RTN_LOCAL
  }
  EXPECT_EQ(all, AddressSet::all(IpFamily::V4));
  EXPECT_TRUE(local.contains(number_of(ip("172.17.0.1"))));
  EXPECT_TRUE(local.contains(number_of(ip("127.5.5.5"))));
  EXPECT_FALSE(local.contains(number_of(ip("8.8.8.8"))));
}

TEST_F(RouteQuestion, a_route_back_by_its_own_interface) {
  const LoadRoute back{.about = LoadRoute::About::Source,
                       .result = LoadRoute::Result::Index,
                       .by_input = true,
                       .present = true};
  const auto answers = routes(back);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_TRUE(answers[0].sources.contains(number_of(ip("8.8.8.8"))));
  EXPECT_TRUE(answers[1].sources.contains(number_of(ip("172.17.0.2"))));
  EXPECT_EQ(answers[0].value, (Constant{1, 0, 0, 0}));
  network_.policy_routing_v4 = "policy routing, rule 100";
  EXPECT_EQ(routes(back)[0].value, std::nullopt);
}

}  // namespace
}  // namespace sockwatch::firewall
