// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/required_watch.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace sockwatch {
namespace {

constexpr Duration kGrace = std::chrono::seconds(30);

class RequiredWatchTest : public testing::Test {
 protected:
  RequiredWatchTest() {
    Rule& rule = policy_.rules.emplace_back();
    rule.name = "ssh";
    rule.required = true;
    rule.ports = {{22, 22, std::nullopt}};
  }
  Delta check() {
    Delta delta;
    delta.time = clock_.now();
    watch_.check(policy_, ledger_, kGrace, delta);
    return delta;
  }

  FakeClock clock_;
  Policy policy_;
  Ledger ledger_{kGrace};
  RequiredWatch watch_;
};

TEST_F(RequiredWatchTest, tells_once_and_not_before_the_grace_is_over) {
  EXPECT_TRUE(check().missing.empty());
  EXPECT_TRUE(watch_.missing().empty());
  clock_.advance(kGrace);
  const Delta told = check();
  ASSERT_EQ(told.missing.size(), 1U);
  EXPECT_EQ(told.missing[0].rule, "ssh");
  EXPECT_EQ(watch_.missing().size(), 1U);
  clock_.advance(kGrace);
  EXPECT_TRUE(check().missing.empty());
}

TEST_F(RequiredWatchTest, a_rule_that_was_taken_away_is_neither_missing_nor_back) {
  (void)check();
  clock_.advance(kGrace);
  (void)check();
  policy_.rules.clear();
  EXPECT_TRUE(check().found.empty());
  EXPECT_TRUE(watch_.missing().empty());
}

}  // namespace
}  // namespace sockwatch
