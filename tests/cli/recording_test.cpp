// SPDX-License-Identifier: Apache-2.0
#include "cli/recording.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sockwatch {
namespace {

Result<Look> replay(const std::string& file, Depth depth) {
  return look_at_recording(std::string(SOCKWATCH_TESTS_DIR "/fixtures/netlink/") + file, Setup{}, depth);
}

const OpenListener* find(const Look& look, std::uint16_t port) {
  const auto found =
      std::find_if(look.listeners.begin(), look.listeners.end(),
                   [port](const OpenListener& open) { return open.listener.key.local.port == port; });
  return found == look.listeners.end() ? nullptr : &*found;
}

TEST(Recording, shows_listeners_with_their_connections_counted) {
  const auto look = replay("mixed.swcap", Depth::Counted);
  ASSERT_TRUE(look.ok());
  ASSERT_NE(find(*look, 8001), nullptr);
  EXPECT_EQ(find(*look, 8001)->connections, 3U);
  EXPECT_TRUE(look->connections.empty());
  EXPECT_TRUE(gaps_of(*look).empty());
}

TEST(Recording, sockets_that_share_a_port_are_one_listener) {
  const auto look = replay("mixed.swcap", Depth::Listeners);
  ASSERT_NE(find(*look, 8020), nullptr);
  EXPECT_EQ(find(*look, 8020)->listener.members.size(), 2U);
}

TEST(Recording, shows_each_connection_with_its_direction) {
  const auto look = replay("mixed.swcap", Depth::Everything);
  const auto inbound =
      std::count_if(look->connections.begin(), look->connections.end(),
                    [](const SeenConnection& c) { return c.direction == Direction::Inbound; });
  EXPECT_EQ(look->connections.size(), 20U);
  EXPECT_EQ(inbound, 8);
}

TEST(Recording, does_not_know_since_when_its_first_sockets_are_open) {
  const auto look = replay("mixed.swcap", Depth::Listeners);
  EXPECT_EQ(find(*look, 8001)->listener.first_seen, Instant{});
}

TEST(Recording, of_the_other_kind_of_look_has_a_gap) {
  const auto listeners = replay("listeners.swcap", Depth::Everything);
  EXPECT_EQ(gaps_of(*listeners),
            (std::vector<Unseen>{{"connections", "the recording holds no look at them"}}));
  const auto connections = replay("connections.swcap", Depth::Everything);
  EXPECT_EQ(gaps_of(*connections),
            (std::vector<Unseen>{{"listeners", "the recording holds no look at them"}}));
  EXPECT_TRUE(gaps_of(*replay("listeners.swcap", Depth::Listeners)).empty());
}

TEST(Recording, what_ss_wrote_can_be_read) {
  const auto look = replay("ss-dump.bin", Depth::Everything);
  ASSERT_TRUE(look.ok());
  EXPECT_NE(find(*look, 8001), nullptr);
  EXPECT_FALSE(look->connections.empty());
}

TEST(Recording, that_is_not_there_is_an_error) {
  const auto look = replay("no-such-file", Depth::Listeners);
  ASSERT_FALSE(look.ok());
  EXPECT_NE(look.error().message.find("no-such-file"), std::string::npos);
}

Result<RecordedAlerts> alerts(FirstRun first_run, Action by_default) {
  Setup setup;
  setup.configuration.settings.policy.first_run = first_run;
  setup.policy.default_action = by_default;
  return alerts_in_recording(SOCKWATCH_TESTS_DIR "/fixtures/netlink/mixed.swcap", setup);
}

TEST(Recording, leads_to_the_alerts_that_the_daemon_would_have_told) {
  const auto told = alerts(FirstRun::Strict, Action::Alert);
  ASSERT_TRUE(told.ok());
  EXPECT_FALSE(told->cut_short);
  ASSERT_FALSE(told->alerts.empty());
  for (const Alert& alert : told->alerts) EXPECT_EQ(alert.event, Event::ListenerOpened);
  EXPECT_GT(told->alerts.front().time.wall, WallTime{});
}

TEST(Recording, is_judged_by_the_policy_that_is_asked_for) {
  EXPECT_TRUE(alerts(FirstRun::Strict, Action::Expect)->alerts.empty());
}

TEST(Recording, may_be_learned_from_at_its_first_look) {
  const auto told = alerts(FirstRun::Learn, Action::Alert);
  ASSERT_EQ(told->alerts.size(), 1U);
  EXPECT_EQ(told->alerts.front().event, Event::BaselineLearned);
}

}  // namespace
}  // namespace sockwatch
