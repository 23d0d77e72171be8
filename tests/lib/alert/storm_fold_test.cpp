// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/storm_fold.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

std::vector<Alert> alerts(std::size_t count, std::string_view unit = "nc") {
  Listener listener = netcat();
  own(listener, "nc", unit);
  return std::vector<Alert>(count, alert_about(listener));
}

// Of one unit, each about another port that stays open.
std::vector<Alert> standing(std::uint16_t first, std::uint16_t count, std::string_view unit = "nc") {
  std::vector<Alert> made = alerts(count, unit);
  for (std::uint16_t i = 0; i < count; ++i) made[i].subject = std::to_string(first + i);
  return made;
}

std::set<std::string> subjects(const std::vector<Alert>& alerts) {
  std::set<std::string> all;
  for (const Alert& alert : alerts) all.insert(alert.subject);
  return all;
}

// Forty units with one alert each: of any that has had one, whatever comes next is folded.
void fill(StormFold& fold, const FakeClock& clock) {
  for (int i = 0; i < 40; ++i) (void)fold.pass(alerts(1, "early" + std::to_string(i)), clock.now());
}

// Two units by turns, the first with the first.
std::vector<Alert> of_two(std::size_t count) {
  std::vector<Alert> mixed;
  for (std::size_t i = 0; i < count; ++i) mixed.push_back(alerts(1, i % 2 == 0 ? "a" : "b").front());
  return mixed;
}

TEST(StormFold, what_few_units_do_passes_as_it_is) {
  FakeClock clock;
  StormFold fold;
  EXPECT_EQ(fold.pass(alerts(25), clock.now()).size(), 25U);
  EXPECT_EQ(fold.pass(alerts(15, "other"), clock.now()).size(), 15U);
  EXPECT_EQ(fold.folded(), 0U);
  EXPECT_FALSE(fold.next_due());
  clock.advance(1h);
  EXPECT_TRUE(fold.due(clock.now()).empty());
}

TEST(StormFold, no_more_than_forty_pass_of_those_that_had_one_and_no_more_than_twenty_five_of_one) {
  FakeClock clock;
  StormFold fold;
  std::map<std::string, std::size_t> told;
  for (std::size_t i = 0; i < 100; ++i) {
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
      told[name] += fold.pass(alerts(1, name), clock.now()).size();
    }
  }
  std::size_t total = 0;
  for (const auto& [name, count] : told) total += count;
  EXPECT_EQ(total, 40U) << "the rest is for others";
  EXPECT_GE(told["f"], 6U);
  for (int i = 0; i < 20; ++i) total += fold.pass(alerts(9, "late" + std::to_string(i)), clock.now()).size();
  EXPECT_EQ(total, 100U) << "three of each";
  for (int i = 0; i < 20; ++i) total += fold.pass(alerts(9, "last" + std::to_string(i)), clock.now()).size();
  EXPECT_EQ(total, 120U) << "the first of each";
}

TEST(StormFold, the_noise_of_one_unit_hides_no_other) {
  FakeClock clock;
  StormFold fold;
  EXPECT_EQ(fold.pass(alerts(1000, "noise"), clock.now()).size(), 25U);
  EXPECT_EQ(fold.pass(alerts(1000, "more"), clock.now()).size(), 15U);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(fold.pass(alerts(4, "quiet" + std::to_string(i)), clock.now()).size(), i < 20 ? 3U : 1U) << i;
  }
  const std::string message = fold.finish(clock.now()).at(0).message;
  EXPECT_NE(message.find("; from more (985), noise (975), "), std::string::npos) << message;
}

TEST(StormFold, the_first_pass_and_the_rest_become_one_at_the_end_of_the_window) {
  FakeClock clock;
  StormFold fold;
  std::vector<Alert> numbered = of_two(120);
  numbered[0].message = "first";
  numbered[39].message = "fortieth";
  const std::vector<Alert> told = fold.pass(numbered, clock.now());
  ASSERT_EQ(told.size(), 40U);
  EXPECT_EQ(told.front().message, "first");
  EXPECT_EQ(told.back().message, "fortieth");
  EXPECT_EQ(fold.folded(), 80U);
  EXPECT_EQ(fold.next_due(), clock.now().monotonic + 10s);

  clock.advance(10s - 1ns);
  EXPECT_TRUE(fold.due(clock.now()).empty());
  clock.advance(1ns);
  const std::vector<Alert> summary = fold.due(clock.now());
  ASSERT_EQ(summary.size(), 1U);
  EXPECT_EQ(summary[0].event, Event::AlertsFolded);
  EXPECT_EQ(summary[0].folded, 80U);
  EXPECT_EQ(summary[0].tone, AlertTone::Wrong);
  EXPECT_EQ(summary[0].time, clock.now());
  EXPECT_EQ(summary[0].message,
            "80 more alerts were folded into this one: 80 listener-opened; from a (40), b (40)");
  EXPECT_TRUE(fold.due(clock.now()).empty());
  EXPECT_FALSE(fold.next_due());
}

TEST(StormFold, the_window_slides) {
  FakeClock clock;
  StormFold fold;
  EXPECT_EQ(fold.pass(alerts(15), clock.now()).size(), 15U);
  clock.advance(6s);
  EXPECT_EQ(fold.pass(alerts(15), clock.now()).size(), 10U);
  clock.advance(4s);  // the first 15 are 10 s old now
  EXPECT_EQ(fold.pass(alerts(16), clock.now()).size(), 15U);
  clock.advance(6s);
  EXPECT_EQ(fold.pass(alerts(11), clock.now()).size(), 10U);
}

TEST(StormFold, a_storm_that_was_saved_is_told_by_the_next_run) {
  FakeClock clock;
  StormFold fold;
  EXPECT_TRUE(fold.save().empty());
  (void)fold.pass(alerts(30), clock.now());
  std::vector<Alert> grave = alerts(30, "o ther");
  for (Alert& alert : grave) alert.severity = Severity::Critical;
  grave.back().event = Event::ListenerClosed;
  (void)fold.pass(grave, clock.now());
  (void)fold.pass(alerts(4, "third"), clock.now());

  StormFold next;
  next.restore(fold.save());
  EXPECT_LE(next.next_due(), clock.now().monotonic);
  const std::vector<Alert> summary = next.due(clock.now());
  ASSERT_EQ(summary.size(), 1U);
  EXPECT_EQ(summary[0].message, fold.finish(clock.now()).at(0).message);
  EXPECT_TRUE(summary[0].message.starts_with("21 more alerts")) << summary[0].message;
  EXPECT_EQ(summary[0].severity, Severity::Critical);
  EXPECT_EQ(next.folded(), 0U) << "counted by the run that folded them";
}

TEST(StormFold, a_saved_storm_that_is_damaged_harms_nothing) {
  FakeClock clock;
  StormFold fold;
  fold.restore({"", " ", "severity", "severity grave", "event", "event x listener-opened",
                "event -1 listener-opened", "event 99999999999999999999 listener-opened", "told",
                "others 1 2", "event 2 nonsense"});
  EXPECT_FALSE(fold.next_due());
  fold.restore({"event 2 listener-opened", "told 5 a\nb"});
  EXPECT_EQ(fold.due(clock.now()).at(0).message,
            "2 more alerts were folded into this one: 2 listener-opened; from a\\x0ab (5)");
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
  EXPECT_LE(told, 40U * 20);  // 194 s
}

TEST(StormFold, the_summary_names_events_and_the_busiest_programs) {
  FakeClock clock;
  StormFold fold;
  fill(fold, clock);
  (void)fold.pass(alerts(5, "b"), clock.now());
  (void)fold.pass(alerts(6, "a"), clock.now());
  std::vector<Alert> others(4);
  for (Alert& other : others) {
    other.event = Event::ListenerMissing;
    other.severity = Severity::Critical;
    other.rule = "ssh";
  }
  (void)fold.pass(others, clock.now());
  for (Alert& other : others) {
    other.event = Event::MonitorDegraded;
    other.rule.clear();
  }
  (void)fold.pass(others, clock.now());
  const std::vector<Alert> summary = fold.finish(clock.now());
  ASSERT_EQ(summary.size(), 1U);
  EXPECT_EQ(summary[0].message,
            "7 more alerts were folded into this one: 5 listener-opened, 1 listener-missing, 1 "
            "monitor-degraded; from "
            "a (3), b (2), rule ssh (1), sockwatch itself (1)");
  EXPECT_EQ(summary[0].severity, Severity::Critical);
}

TEST(StormFold, a_thousand_units_make_a_short_summary) {
  FakeClock clock;
  StormFold fold;
  fill(fold, clock);
  for (int i = 0; i < 1000; ++i) (void)fold.pass(alerts(2, "p" + std::to_string(i)), clock.now());
  const std::string message = fold.finish(clock.now()).at(0).message;
  EXPECT_LT(message.size(), 300U);
  EXPECT_TRUE(message.ends_with(")") && message.find(" and others (10") != message.npos) << message;
}

TEST(StormFold, what_was_folded_and_still_stands_is_told_one_by_one_afterwards) {
  FakeClock clock;
  StormFold fold;
  EXPECT_EQ(subjects(fold.pass(standing(1, 60), clock.now())).size(), 25U);
  EXPECT_EQ(fold.held_count(), 35U);
  std::set<std::string> open = subjects(standing(1, 60));
  clock.advance(10s);
  EXPECT_EQ(fold.due(clock.now()).size(), 1U);
  EXPECT_TRUE(fold.late(open, clock.now()).empty()) << "not in the same breath";
  open.erase("26");  // closed meanwhile
  std::set<std::string> told;
  std::size_t windows = 0;
  while (const auto due = fold.next_due()) {
    clock.advance(*due - clock.now().monotonic);
    const std::vector<Alert> late = fold.late(open, clock.now());
    EXPECT_LE(late.size(), 10U);
    EXPECT_TRUE(late[0].message.ends_with("and still stands")) << late[0].message;
    told.merge(subjects(late));
    ++windows;
  }
  EXPECT_EQ(told.size(), 34U);
  EXPECT_FALSE(told.contains("26"));
  EXPECT_EQ(windows, 4U);
}

TEST(StormFold, a_storm_that_never_ends_keeps_nothing_from_being_told) {
  FakeClock clock;
  StormFold fold;
  std::set<std::string> told;
  for (std::uint16_t second = 0; second < 60; ++second) {
    auto open = standing(static_cast<std::uint16_t>(1 + second * 10), 10);
    for (const Alert& alert : fold.pass(std::move(open), clock.now())) told.insert(alert.subject);
    (void)fold.due(clock.now());
    told.merge(subjects(fold.late(subjects(standing(1, 600)), clock.now())));
    clock.advance(1s);
  }
  EXPECT_TRUE(told.contains("26")) << "the first that was folded";
}

TEST(StormFold, a_crowd_s_folded_alerts_wait_behind_nobody_else_s) {
  FakeClock clock;
  StormFold fold;
  fill(fold, clock);
  (void)fold.pass(standing(1, 2000, "crowd"), clock.now());
  (void)fold.pass(standing(5000, 5, "victim"), clock.now());
  EXPECT_EQ(fold.held_count(), HeldBack::kMost);
  clock.advance(20s);
  std::set<std::string> open = subjects(standing(1, 2000));
  open.merge(subjects(standing(5000, 5)));
  const std::set<std::string> late = subjects(fold.late(open, clock.now()));
  EXPECT_TRUE(late.contains("5003") && late.contains("5004"));
  EXPECT_EQ(late.size(), 12U);
}

TEST(StormFold, a_later_alert_about_the_same_takes_the_place_of_the_folded_one) {
  FakeClock clock;
  StormFold fold;
  (void)fold.pass(standing(1, 26), clock.now());
  std::vector<Alert> closed = standing(26, 1, "another");
  closed[0].tone = AlertTone::Right;
  (void)fold.pass(closed, clock.now());
  EXPECT_EQ(fold.held_count(), 0U);
}

TEST(StormFold, a_second_storm_starts_its_own_count) {
  FakeClock clock;
  StormFold fold;
  (void)fold.pass(alerts(35), clock.now());
  clock.advance(10s);
  (void)fold.due(clock.now());
  (void)fold.pass(alerts(30), clock.now());
  EXPECT_TRUE(fold.finish(clock.now()).at(0).message.starts_with("5 more alerts"));
  EXPECT_EQ(fold.folded(), 15U);
}

}  // namespace
}  // namespace sockwatch
