// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/poll_schedule.h"

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
void cost(PollSchedule& schedule, Duration cpu) {
  for (int look = 0; look < 100; ++look) schedule.finished(kListeners, cpu);
}

double in_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

TEST(PollSchedule, looks_come_as_often_as_was_asked_for) {
  const PollSchedule schedule(settings());
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
  EXPECT_EQ(schedule.interval(kConnections), 10s);
}

TEST(PollSchedule, a_cheap_look_changes_nothing) {
  PollSchedule schedule(settings());
  schedule.finished(kListeners, 1ms);
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
}

TEST(PollSchedule, a_look_that_costs_more_than_half_the_budget_comes_less_often) {
  PollSchedule schedule(settings());
  cost(schedule, 5ms);
  EXPECT_NEAR(in_ms(schedule.interval(kListeners)), 500, 1);
  schedule.finished(kConnections, 1s);
  EXPECT_NEAR(in_ms(schedule.interval(kConnections)), 100'000, 1);
  EXPECT_NEAR(in_ms(schedule.interval(kListeners)), 500, 1) << "listeners come first";
}

TEST(PollSchedule, one_dear_look_at_the_listeners_is_not_believed_at_once_and_a_cheap_one_is) {
  PollSchedule schedule(settings());
  schedule.finished(kListeners, 20ms);
  EXPECT_EQ(schedule.interval(kListeners), 500ms);
  schedule.finished(kListeners, 1ms);
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
}

TEST(PollSchedule, whatever_they_cost_looks_at_the_listeners_come_every_second) {
  PollSchedule schedule(settings());
  cost(schedule, 10s);
  EXPECT_EQ(schedule.interval(kListeners), 1s);
  EXPECT_EQ(schedule.interval_when_unsettled(kListeners), 1s);
  schedule.rely_on_events(true);
  EXPECT_EQ(schedule.interval(kListeners), 1s);
  EXPECT_EQ(schedule.promised(), 1s);
  WatchSettings slow = settings();
  slow.listeners = 5s;
  schedule.configure(slow);
  EXPECT_EQ(schedule.interval(kListeners), 5s) << "somebody wants it so";
  EXPECT_EQ(schedule.promised(), 5s);
}

TEST(PollSchedule, connections_give_way_to_listeners_and_are_never_given_up) {
  PollSchedule schedule(settings());
  schedule.finished(kConnections, 200ms);
  EXPECT_EQ(schedule.interval(kConnections), 20s);
  cost(schedule, 15ms);
  EXPECT_NEAR(in_ms(schedule.interval(kConnections)), 40'000, 1000) << "1.5 of 2 % are spent";
  cost(schedule, 10s);
  EXPECT_NEAR(in_ms(schedule.interval(kConnections)), 100'000, 1) << "a tenth of the budget in any case";
}

// How often each of so many namespaces is visited, at the schedule's own pace.
double visits_a_second(const PollSchedule& schedule, std::size_t namespaces) {
  const Duration interval = schedule.interval(kListeners);
  return static_cast<double>(schedule.visits(namespaces, interval)) / static_cast<double>(namespaces) /
         std::chrono::duration<double>(interval).count();
}

TEST(PollSchedule, a_few_namespaces_are_visited_by_each_look) {
  PollSchedule schedule(settings());
  for (int look = 0; look < 100; ++look) schedule.visited(5, 1ms);
  EXPECT_EQ(schedule.visits(5, 250ms), 5U);
  EXPECT_EQ(schedule.visits(0, 250ms), 0U);
}

TEST(PollSchedule, each_of_fifty_namespaces_is_visited_once_a_second_whatever_that_costs) {
  for (const Duration each : {Duration(200us), Duration(1ms), Duration(5ms)}) {
    PollSchedule schedule(settings());
    cost(schedule, 1ms);
    for (int look = 0; look < 100; ++look) schedule.visited(10, 10 * each);
    EXPECT_EQ(schedule.interval(kListeners), 250ms) << "and our own as often as it was asked for";
    EXPECT_GE(visits_a_second(schedule, 50), 1.0);
    EXPECT_LE(visits_a_second(schedule, 50), 1.5);
  }
}

TEST(PollSchedule, with_more_namespaces_than_it_can_visit_in_a_second_the_rate_stays) {
  PollSchedule schedule(settings());
  for (int look = 0; look < 100; ++look) schedule.visited(64, 64 * 200us);
  EXPECT_EQ(schedule.visits(1000, 250ms), 64U);
  EXPECT_EQ(schedule.visits(1000, 25ms), 7U) << "looks that follow each other closely share it";
  EXPECT_EQ(schedule.visits(1000, 1h), 256U) << "and one that comes late makes up for no more than a second";
}

TEST(PollSchedule, while_events_tell_everything_the_budget_says_how_many_namespaces_are_visited) {
  PollSchedule schedule(settings());
  schedule.rely_on_events(true);
  for (int look = 0; look < 100; ++look) schedule.visited(20, 20 * 1ms);
  EXPECT_NEAR(static_cast<double>(schedule.visits(50, 1s)), 10, 1);
  EXPECT_EQ(schedule.visits(200, 1s), 20U) << "each every ten seconds in any case";
}

TEST(PollSchedule, events_ask_for_looks_at_once_in_quiet_times_and_in_a_storm_as_often_as_configured) {
  PollSchedule schedule(settings());
  EXPECT_EQ(schedule.rest_between_events(), 0ms);
  cost(schedule, 1ms);
  EXPECT_NEAR(in_ms(schedule.rest_between_events()), 100, 1);
  cost(schedule, 1s);
  EXPECT_EQ(schedule.rest_between_events(), 250ms);
}

TEST(PollSchedule, what_waits_to_be_confirmed_comes_soon_and_never_in_a_spin) {
  PollSchedule schedule(settings());
  EXPECT_EQ(schedule.interval_when_unsettled(kListeners), 20ms);
  cost(schedule, 1ms);
  EXPECT_NEAR(in_ms(schedule.interval_when_unsettled(kListeners)), 100, 1) << "the budget holds here too";
  cost(schedule, 20ms);
  EXPECT_EQ(schedule.interval_when_unsettled(kListeners), 1s) << "and it is never later than the next look";
}

TEST(PollSchedule, a_short_interval_is_not_stretched_for_confirmation) {
  WatchSettings fast = settings();
  fast.listeners = 10ms;
  EXPECT_EQ(PollSchedule(fast).interval_when_unsettled(kListeners), 10ms);
}

TEST(PollSchedule, while_events_tell_everything_looks_at_listeners_come_once_a_second) {
  PollSchedule schedule(settings());
  schedule.rely_on_events(true);
  EXPECT_EQ(schedule.interval(kListeners), 1s);
  EXPECT_EQ(schedule.interval(kConnections), 10s);
  EXPECT_EQ(schedule.interval_when_unsettled(kListeners), 20ms)
      << "what waits to be confirmed comes no later";
  schedule.finished(kListeners, 0s);
  schedule.rely_on_events(false);
  EXPECT_EQ(schedule.interval(kListeners), 250ms);
}

TEST(PollSchedule, events_never_make_looks_come_more_often) {
  WatchSettings slow = settings();
  slow.listeners = 5s;
  PollSchedule schedule(slow);
  schedule.rely_on_events(true);
  EXPECT_EQ(schedule.interval(kListeners), 5s);
}

TEST(PollSchedule, a_reload_takes_effect_and_keeps_what_looks_cost) {
  PollSchedule schedule(settings());
  cost(schedule, 5ms);
  WatchSettings other = settings();
  other.listeners = 1s;
  schedule.configure(other);
  EXPECT_EQ(schedule.interval(kListeners), 1s);
  other.cpu_budget = 0.005;
  schedule.configure(other);
  EXPECT_EQ(schedule.interval(kListeners), 1s);
  other.listeners = 250ms;
  other.cpu_budget = 0.02;
  schedule.configure(other);
  EXPECT_NEAR(in_ms(schedule.interval(kListeners)), 500, 1);
}

}  // namespace
}  // namespace sockwatch
