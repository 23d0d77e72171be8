// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/degradation.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class DegradationTest : public testing::Test {
 protected:
  // A second later, this is out of sight.
  Degradation::Changes look(const std::vector<Unseen>& unseen) {
    clock_.advance(1s);
    return degradation_.update(unseen, clock_.now());
  }
  // For longer than anybody's patience.
  Degradation::Changes look_for_long(const std::vector<Unseen>& unseen) {
    for (int i = 0; i < 5; ++i) look(unseen);
    return look(unseen);
  }

  FakeClock clock_;
  Degradation degradation_;
  const Unseen tcp_{"tcp over IPv4", "interrupted"};
  const Unseen udp_{"udp over IPv6", "no permission"};
};

TEST_F(DegradationTest, a_look_that_went_wrong_is_no_news) {
  EXPECT_TRUE(look({tcp_}).degraded.empty());
  const auto after = look({});
  EXPECT_TRUE(after.degraded.empty());
  EXPECT_TRUE(after.recovered.empty()) << "what was not told to be gone is not told to be back";
  EXPECT_EQ(degradation_.count(), 0U);
}

TEST_F(DegradationTest, what_stays_out_of_sight_is_told_once) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(look({tcp_}).degraded.empty()) << i << " s";
  EXPECT_EQ(look({tcp_}).degraded, std::vector<Unseen>{tcp_});
  EXPECT_EQ(degradation_.count(), 1U);
  EXPECT_TRUE(look_for_long({tcp_}).degraded.empty());
}

TEST_F(DegradationTest, another_reason_is_not_another_part) {
  look_for_long({tcp_});
  const auto after = look({{tcp_.what, "broken"}});
  EXPECT_TRUE(after.degraded.empty());
  EXPECT_TRUE(after.recovered.empty());
}

TEST_F(DegradationTest, patience_starts_anew_after_every_good_look) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(look({tcp_}).degraded.empty());
    if (i % 4 == 3) look({});
  }
}

TEST_F(DegradationTest, parts_come_and_go_on_their_own) {
  look_for_long({tcp_});
  const auto both = look_for_long({tcp_, udp_});
  EXPECT_EQ(both.degraded, std::vector<Unseen>{udp_});
  EXPECT_EQ(degradation_.count(), 2U);
  const auto one = look({udp_});
  EXPECT_EQ(one.recovered, std::vector<std::string>{tcp_.what});
  EXPECT_EQ(degradation_.count(), 1U);
  EXPECT_EQ(look({}).recovered, std::vector<std::string>{udp_.what});
  EXPECT_EQ(degradation_.count(), 0U);
  EXPECT_EQ(look_for_long({tcp_}).degraded, std::vector<Unseen>{tcp_}) << "and can go again";
}

}  // namespace
}  // namespace sockwatch
