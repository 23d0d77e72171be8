// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/storm_fold.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

std::vector<Alert> alerts(std::size_t count, std::string_view comm = "nc") {
  Listener listener = netcat();
  own(listener, comm, "session-3.scope");
  return std::vector<Alert>(count, alert_about(listener));
}

TEST(StormFold, fifty_alerts_pass_as_they_are) {
  FakeClock clock;
  StormFold fold;
  EXPECT_EQ(fold.pass(alerts(50), clock.now()).size(), 50U);
  EXPECT_EQ(fold.folded(), 0U);
  EXPECT_FALSE(fold.next_due());
  clock.advance(1h);
  EXPECT_TRUE(fold.due(clock.now()).empty());
}

TEST(StormFold, the_first_pass_and_the_rest_become_one_at_the_end_of_the_window) {
  FakeClock clock;
  StormFold fold;
  std::vector<Alert> numbered = alerts(120);
  numbered[0].message = "first";
  numbered[49].message = "fiftieth";
  const std::vector<Alert> told = fold.pass(numbered, clock.now());
  ASSERT_EQ(told.size(), 50U);
  EXPECT_EQ(told.front().message, "first");
  EXPECT_EQ(told.back().message, "fiftieth");
  EXPECT_EQ(fold.folded(), 70U);
  EXPECT_EQ(fold.next_due(), clock.now().monotonic + 10s);

  clock.advance(10s - 1ns);
  EXPECT_TRUE(fold.due(clock.now()).empty());
  clock.advance(1ns);
  const std::vector<Alert> summary = fold.due(clock.now());
  ASSERT_EQ(summary.size(), 1U);
  EXPECT_EQ(summary[0].event, Event::ListenerOpened);
  EXPECT_EQ(summary[0].tone, AlertTone::Wrong);
  EXPECT_EQ(summary[0].time, clock.now());
  EXPECT_EQ(summary[0].message, "70 more alerts were folded into this one: 70 listener-opened; from nc (70)");
  EXPECT_TRUE(fold.due(clock.now()).empty());
  EXPECT_FALSE(fold.next_due());
}

TEST(StormFold, the_window_slides) {
  FakeClock clock;
  StormFold fold;
  EXPECT_EQ(fold.pass(alerts(30), clock.now()).size(), 30U);
  clock.advance(6s);
  EXPECT_EQ(fold.pass(alerts(30), clock.now()).size(), 20U);
  clock.advance(4s);  // the first 30 are 10 s old now
  EXPECT_EQ(fold.pass(alerts(31), clock.now()).size(), 30U);
  clock.advance(6s);
  EXPECT_EQ(fold.pass(alerts(21), clock.now()).size(), 20U);
}

TEST(StormFold, told_and_folded_add_up_and_the_summaries_name_every_folded_one) {
  FakeClock clock;
  StormFold fold;
  std::size_t offered = 0;
  std::size_t told = 0;
  std::size_t summed_up = 0;
  for (std::size_t step = 0; step < 2000; ++step) {
    const std::size_t count = step * 7 % 23;
    offered += count;
    told += fold.pass(alerts(count), clock.now()).size();
    for (const Alert& summary : fold.due(clock.now())) summed_up += std::stoul(summary.message);
    clock.advance(97ms);
  }
  for (const Alert& summary : fold.finish(clock.now())) summed_up += std::stoul(summary.message);
  EXPECT_EQ(told + fold.folded(), offered);
  EXPECT_EQ(summed_up, fold.folded());
  EXPECT_LE(told, 50U * 20);  // 194 s
}

TEST(StormFold, the_summary_names_events_and_the_busiest_programs) {
  FakeClock clock;
  StormFold fold;
  (void)fold.pass(alerts(50), clock.now());
  (void)fold.pass(alerts(2, "b"), clock.now());
  (void)fold.pass(alerts(3, "a"), clock.now());
  std::vector<Alert> others(1);
  others[0].event = Event::ListenerMissing;
  others[0].severity = Severity::Critical;
  others[0].rule = "ssh";
  (void)fold.pass(others, clock.now());
  others[0].event = Event::MonitorDegraded;
  others[0].rule.clear();
  (void)fold.pass(others, clock.now());
  const std::vector<Alert> summary = fold.finish(clock.now());
  ASSERT_EQ(summary.size(), 1U);
  EXPECT_EQ(summary[0].message,
            "7 more alerts were folded into this one: 5 listener-opened, 1 listener-missing, 1 "
            "monitor-degraded; from "
            "a (3), b (2), rule ssh (1), sockwatch itself (1)");
  EXPECT_EQ(summary[0].severity, Severity::Critical);
}

TEST(StormFold, a_thousand_programs_make_a_short_summary) {
  FakeClock clock;
  StormFold fold;
  (void)fold.pass(alerts(50), clock.now());
  for (int i = 0; i < 1000; ++i) (void)fold.pass(alerts(1, "p" + std::to_string(i)), clock.now());
  const std::string message = fold.finish(clock.now()).at(0).message;
  EXPECT_LT(message.size(), 300U);
  EXPECT_TRUE(message.ends_with(" and others (990)")) << message;
}

TEST(StormFold, a_second_storm_starts_its_own_count) {
  FakeClock clock;
  StormFold fold;
  (void)fold.pass(alerts(60), clock.now());
  clock.advance(10s);
  (void)fold.due(clock.now());
  (void)fold.pass(alerts(55), clock.now());
  EXPECT_TRUE(fold.finish(clock.now()).at(0).message.starts_with("5 more alerts"));
  EXPECT_EQ(fold.folded(), 15U);
}

}  // namespace
}  // namespace sockwatch
