// SPDX-License-Identifier: Apache-2.0
#include "daemon/look_schedule.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr LookKind kListeners = LookKind::Listeners;
constexpr LookKind kConnections = LookKind::Connections;

WatchSettings settings() {
  WatchSettings made;
  made.listeners = 250ms;
  made.connections = 10s;
  made.cpu_budget = 0.02;
  return made;
}

// Looks at the listeners that go on to cost this much.
void cost(LookSchedule& schedule, Duration cpu) {
  for (int look = 0; look < 100; ++look) schedule.finished(kListeners, cpu);
}

double in_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

TEST(LookSchedule, looks_come_as_often_as_was_asked_for) {
  const LookSchedule schedule(settings());
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
  EXPECT_EQ(schedule.interval(kConnections), 10s);
}

TEST(LookSchedule, a_cheap_look_changes_nothing) {
  LookSchedule schedule(settings());
  schedule.finished(kListeners, 1ms);
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
}

TEST(LookSchedule, a_look_that_costs_more_than_half_the_budget_comes_less_often) {
  LookSchedule schedule(settings());
  cost(schedule, 5ms);
  EXPECT_NEAR(in_ms(schedule.interval(kListeners)), 500, 1);
  schedule.finished(kConnections, 1s);
  EXPECT_EQ(schedule.interval(kConnections), 100s);
  EXPECT_NEAR(in_ms(schedule.interval(kListeners)), 500, 1) << "each kind pays for itself";
}

TEST(LookSchedule, one_dear_look_at_the_listeners_is_not_believed_at_once_and_a_cheap_one_is) {
  LookSchedule schedule(settings());
  schedule.finished(kListeners, 20ms);
  EXPECT_EQ(schedule.interval(kListeners), 500ms);
  schedule.finished(kListeners, 1ms);
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
}

TEST(LookSchedule, whatever_they_cost_looks_at_the_listeners_come_every_few_seconds) {
  LookSchedule schedule(settings());
  cost(schedule, 10s);
  EXPECT_EQ(schedule.interval(kListeners), 3s);
  EXPECT_EQ(schedule.interval_when_unsettled(kListeners), 3s);
}

TEST(LookSchedule, events_ask_for_looks_at_once_in_quiet_times_and_in_a_storm_as_often_as_configured) {
  LookSchedule schedule(settings());
  EXPECT_EQ(schedule.rest_between_events(), 0ms);
  cost(schedule, 1ms);
  EXPECT_NEAR(in_ms(schedule.rest_between_events()), 100, 1);
  cost(schedule, 1s);
  EXPECT_EQ(schedule.rest_between_events(), 250ms);
}

TEST(LookSchedule, what_waits_to_be_confirmed_comes_soon_and_never_in_a_spin) {
  LookSchedule schedule(settings());
  EXPECT_EQ(schedule.interval_when_unsettled(kListeners), 20ms);
  cost(schedule, 1ms);
  EXPECT_NEAR(in_ms(schedule.interval_when_unsettled(kListeners)), 100, 1) << "the budget holds here too";
  cost(schedule, 20ms);
  EXPECT_NEAR(in_ms(schedule.interval_when_unsettled(kListeners)), 2000, 1)
      << "and it is never later than the next look";
}

TEST(LookSchedule, a_short_interval_is_not_stretched_for_confirmation) {
  WatchSettings fast = settings();
  fast.listeners = 10ms;
  EXPECT_EQ(LookSchedule(fast).interval_when_unsettled(kListeners), 10ms);
}

TEST(LookSchedule, while_events_tell_everything_looks_at_listeners_come_once_a_second) {
  LookSchedule schedule(settings());
  schedule.rely_on_events(true);
  EXPECT_EQ(schedule.interval(kListeners), 1s);
  EXPECT_EQ(schedule.interval(kConnections), 10s);
  EXPECT_EQ(schedule.interval_when_unsettled(kListeners), 20ms)
      << "what waits to be confirmed comes no later";
  cost(schedule, 20ms);
  EXPECT_NEAR(in_ms(schedule.interval(kListeners)), 2000, 1) << "the budget holds here too";
  schedule.finished(kListeners, 0s);
  schedule.rely_on_events(false);
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
}

TEST(LookSchedule, events_never_make_looks_come_more_often) {
  WatchSettings slow = settings();
  slow.listeners = 5s;
  LookSchedule schedule(slow);
  schedule.rely_on_events(true);
  EXPECT_EQ(schedule.interval(kListeners), 5s);
}

TEST(LookSchedule, a_reload_takes_effect_and_keeps_what_looks_cost) {
  LookSchedule schedule(settings());
  cost(schedule, 5ms);
  WatchSettings other = settings();
  other.listeners = 1s;
  schedule.configure(other);
  EXPECT_EQ(schedule.interval(kListeners), 1s);
  other.cpu_budget = 0.005;
  schedule.configure(other);
  EXPECT_NEAR(in_ms(schedule.interval(kListeners)), 2000, 1);
}

}  // namespace
}  // namespace sockwatch
