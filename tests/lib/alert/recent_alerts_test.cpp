// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/recent_alerts.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

std::vector<Alert> numbered(std::size_t first, std::size_t count) {
  std::vector<Alert> alerts(count);
  for (std::size_t i = 0; i < count; ++i) alerts[i].message = std::to_string(first + i);
  return alerts;
}

TEST(RecentAlerts, the_newest_comes_first) {
  RecentAlerts recent;
  EXPECT_TRUE(recent.history()->alerts.empty());
  recent.add(numbered(0, 2));
  recent.add(numbered(2, 1));
  const auto history = recent.history();
  ASSERT_EQ(history->alerts.size(), 3U);
  EXPECT_EQ(history->alerts[0]->message, "2");
  EXPECT_EQ(history->alerts[2]->message, "0");
  EXPECT_EQ(history->total, 3U);
}

TEST(RecentAlerts, a_thousand_are_kept_and_all_are_counted) {
  RecentAlerts recent;
  recent.add(numbered(0, 10));
  recent.add(numbered(10, 2500));
  recent.add(numbered(2510, 1));
  const auto history = recent.history();
  ASSERT_EQ(history->alerts.size(), 1000U);
  EXPECT_EQ(history->alerts.front()->message, "2510");
  EXPECT_EQ(history->alerts.back()->message, "1511");
  EXPECT_EQ(history->total, 2511U);
}

TEST(RecentAlerts, what_was_handed_out_stays_as_it_was_and_is_shared_while_nothing_happens) {
  RecentAlerts recent;
  recent.add(numbered(0, 1));
  const auto before = recent.history();
  EXPECT_EQ(recent.history(), before);
  recent.add({});
  EXPECT_EQ(recent.history(), before);
  recent.add(numbered(1, 1));
  EXPECT_EQ(before->alerts.size(), 1U);
  EXPECT_EQ(recent.history()->alerts.size(), 2U);
}

TEST(RecentAlerts, of_a_listener_with_many_sockets_owners_and_processes_only_what_is_shown_is_kept) {
  Alert alert;
  alert.listener = netcat();
  alert.listener->members.resize(500, alert.listener->members.front());
  Owner& owner = alert.listener->annotation.owner;
  owner.holders.resize(500);
  alert.listener->sharers = owner.others = std::vector<Owner>(16);
  alert.other = owner;
  RecentAlerts recent;
  recent.add(std::vector{alert});
  const Alert& kept = *recent.history()->alerts[0];
  EXPECT_EQ(kept.listener->members.size(), 1U);
  EXPECT_TRUE(kept.listener->sharers.empty());
  for (const Owner* each : {&kept.listener->annotation.owner, &*kept.other}) {
    EXPECT_TRUE(each->others.empty());
    EXPECT_EQ(each->holders.size(), 16U);
  }
}

}  // namespace
}  // namespace sockwatch
