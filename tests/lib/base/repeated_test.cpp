// SPDX-License-Identifier: Apache-2.0
#include "lib/base/repeated.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kStart{1h};

TEST(Repeated, says_a_complaint_once_in_a_minute_with_its_count) {
  Repeated slow;
  EXPECT_EQ(slow.say(kStart, "slow"), "slow");
  for (const Duration after : {0s, 1s, 30s, 59s}) EXPECT_EQ(slow.say(kStart + after, "slow"), std::nullopt);
  EXPECT_EQ(slow.say(kStart + 60s, "slow"), "slow (4 more since)");
  EXPECT_EQ(slow.say(kStart + 119s, "slow"), std::nullopt);
  EXPECT_EQ(slow.say(kStart + 121s, "slow"), "slow (1 more since)");
  EXPECT_EQ(slow.say(kStart + 240s, "slow"), "slow");
}

TEST(Repeated, another_text_is_the_same_complaint) {
  Repeated lost;
  int said = 0;
  for (int i = 0; i < 1792; ++i) {
    if (lost.say(kStart + i * 13ms, std::to_string(i) + " lost")) ++said;
  }
  EXPECT_EQ(said, 1);
  EXPECT_EQ(lost.say(kStart + 60s, "7 lost"), "7 lost (1791 more since)");
}

TEST(Repeated, each_complaint_has_its_own_minute) {
  Repeated one;
  Repeated other;
  EXPECT_TRUE(one.say(kStart, "slow"));
  EXPECT_TRUE(other.say(kStart + 1s, "slow"));
}

}  // namespace
}  // namespace sockwatch
