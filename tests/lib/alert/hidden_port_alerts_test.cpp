// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/hidden_port_alerts.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

const HiddenPort kDoor{Protocol::Tcp, 4444, "sock_diag", "BPF iterator"};

TEST(HiddenPortAlerts, tells_a_hidden_port_once_as_critical) {
  HiddenPortAlerts alerts;
  const auto told = alerts.update(std::vector{kDoor}, {});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].event, Event::ListenerHidden);
  EXPECT_EQ(told[0].tone, AlertTone::Wrong);
  EXPECT_EQ(told[0].severity, Severity::Critical);
  EXPECT_EQ(told[0].message, "hidden listener: 4444/tcp is open by BPF iterator, and sock_diag denies it");
  EXPECT_TRUE(alerts.update(std::vector{kDoor}, {}).empty());
  EXPECT_EQ(alerts.standing(), (std::set<std::string>{"hidden tcp 4444"}));
}

TEST(HiddenPortAlerts, who_denies_and_who_shows_may_change_without_a_word) {
  HiddenPortAlerts alerts;
  const HiddenPort by_other{Protocol::Tcp, 4444, "/proc/net", "sock_diag"};
  EXPECT_EQ(alerts.update(std::vector{kDoor, by_other}, {}).size(), 1U);
  EXPECT_TRUE(alerts.update(std::vector{by_other}, {}).empty());
}

TEST(HiddenPortAlerts, what_it_raised_it_ends) {
  HiddenPortAlerts alerts;
  const auto raised = alerts.update(std::vector{kDoor}, {});
  const auto ended = alerts.update({}, {});
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].tone, AlertTone::Right);
  EXPECT_EQ(ended[0].subject, raised[0].subject);
  EXPECT_TRUE(alerts.standing().empty());
}

}  // namespace
}  // namespace sockwatch
