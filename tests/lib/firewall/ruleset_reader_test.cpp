// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/ruleset_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace sockwatch::firewall {
namespace {

// What is in it, tests/live/test_firewall.py asks of rules of its own.
TEST(RulesetReader, it_can_be_read_or_says_why_not) {
  const auto rules = read_ruleset("/proc");
  if (!rules.ok()) {
    EXPECT_TRUE(rules.error().is_refusal()) << rules.error().message;
    if (::geteuid() == 0) GTEST_SKIP() << rules.error().message;
    return;
  }
  for (const Chain& chain : rules->chains) EXPECT_FALSE(chain.name.empty());
}

TEST(RulesetReader, without_proc_there_is_nothing_to_read) {
  EXPECT_FALSE(read_ruleset("/nonexistent").ok());
}

}  // namespace
}  // namespace sockwatch::firewall
