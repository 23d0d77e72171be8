// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/poll_delay.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using Change = PollDelay::Change;

// What a number of polls with this gap changed at last, and after how many of them.
std::pair<Change, int> polls(PollDelay& delay, Duration gap, int count, Duration promised = 1s) {
  for (int i = 1; i <= count; ++i) {
    if (const Change change = delay.polled(gap, promised); change != Change::None) return {change, i};
  }
  return {Change::None, count};
}

TEST(PollDelay, polls_in_time_are_no_news) {
  PollDelay delay;
  EXPECT_EQ(polls(delay, 250ms, 1000).first, Change::None);
  EXPECT_EQ(polls(delay, 1400ms, 1000).first, Change::None);
}

TEST(PollDelay, a_few_late_ones_are_no_news_however_late) {
  PollDelay delay;
  EXPECT_EQ(delay.polled(1h, 1s), Change::None) << "the process was stopped";
  EXPECT_EQ(polls(delay, 250ms, 100).first, Change::None);
  EXPECT_EQ(polls(delay, 2s, 3).first, Change::None);
}

TEST(PollDelay, what_stays_late_is_told_once_and_its_end_when_it_lasts) {
  PollDelay delay;
  EXPECT_EQ(polls(delay, 2s, 100), (std::pair{Change::Behind, 5}));
  EXPECT_EQ(polls(delay, 2s, 100).first, Change::None);
  EXPECT_EQ(polls(delay, 250ms, 10).first, Change::None);
  EXPECT_EQ(polls(delay, 2s, 3).first, Change::None);
  EXPECT_EQ(polls(delay, 250ms, 100).first, Change::InTime);
  EXPECT_EQ(polls(delay, 250ms, 100).first, Change::None);
  EXPECT_EQ(polls(delay, 2s, 100).first, Change::Behind);
}

TEST(PollDelay, every_other_one_late_is_late) {
  PollDelay delay;
  Change change = Change::None;
  for (int i = 0; i < 100 && change == Change::None; ++i) {
    (void)delay.polled(250ms, 1s);
    change = delay.polled(2s, 1s);
  }
  EXPECT_EQ(change, Change::Behind);
}

TEST(PollDelay, a_longer_interval_that_was_asked_for_is_not_late) {
  PollDelay delay;
  EXPECT_EQ(polls(delay, 10s, 100, 10s).first, Change::None);
  EXPECT_EQ(polls(delay, 15s, 100, 10s).first, Change::Behind);
}

}  // namespace
}  // namespace sockwatch
