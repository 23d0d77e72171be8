// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sink_queue.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"
#include "tests/lib/alert/fake_sink.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

class SinkQueueTest : public testing::Test {
 protected:
  SinkQueue queue_with(QueueLimits limits) { return {std::make_unique<FakeSink>(receiver_), limits}; }
  static void push(SinkQueue& queue, const Texts& messages) {
    for (const std::string& message : messages) queue.push(alert_about(netcat(), message));
  }
  void flush_until_idle(SinkQueue& queue) {
    while (const auto next = queue.next_try()) {
      if (*next > clock_.now().monotonic) clock_.advance(*next - clock_.now().monotonic);
      queue.flush(clock_.now());
    }
  }

  FakeClock clock_;
  std::shared_ptr<FakeReceiver> receiver_ = std::make_shared<FakeReceiver>();
};

TEST_F(SinkQueueTest, entries_go_out_in_order) {
  SinkQueue queue = queue_with({});
  EXPECT_FALSE(queue.next_try());
  push(queue, {"a", "b", "c"});
  EXPECT_TRUE(queue.next_try());
  queue.flush(clock_.now());
  EXPECT_EQ(receiver_->got, (Texts{"a", "b", "c"}));
  EXPECT_FALSE(queue.next_try());
  EXPECT_EQ(queue.errors(), 0U);
}

TEST_F(SinkQueueTest, while_the_sink_is_away_everything_waits_and_is_tried_less_and_less_often) {
  SinkQueue queue = queue_with({});
  receiver_->answer = SendOutcome::TryAgain;
  push(queue, {"a", "b"});
  std::vector<Duration> pauses;
  for (int i = 0; i < 9; ++i) {
    queue.flush(clock_.now());
    const Duration pause = *queue.next_try() - clock_.now().monotonic;
    pauses.push_back(pause);
    clock_.advance(pause);
  }
  EXPECT_EQ(pauses, (std::vector<Duration>{100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10s, 10s}));
  EXPECT_EQ(queue.errors(), 1U) << "one outage";
  EXPECT_EQ(queue.waiting(), 2U);

  receiver_->answer = SendOutcome::Sent;
  queue.flush(clock_.now());
  EXPECT_EQ(receiver_->got, (Texts{"a", "b"}));

  receiver_->answer = SendOutcome::TryAgain;
  push(queue, {"c"});
  queue.flush(clock_.now());
  EXPECT_EQ(*queue.next_try() - clock_.now().monotonic, 100ms) << "a new outage begins anew";
  EXPECT_EQ(queue.errors(), 2U);
}

TEST_F(SinkQueueTest, a_receiver_that_says_something_else_each_time_is_quoted_once_in_a_minute) {
  for (const SendOutcome answer : {SendOutcome::TryAgain, SendOutcome::Failed}) {
    SinkQueue queue = queue_with({});
    receiver_->answer = answer;
    std::size_t said = 0;
    for (int second = 0; second < 300; ++second) {
      receiver_->trouble = "request " + std::to_string(second) + " refused";
      push(queue, {"a"});
      queue.flush(clock_.now());
      said += queue.take_news().size();
      clock_.advance(1s);
    }
    EXPECT_GE(said, 4U);
    EXPECT_LE(said, 5U);
  }
}

TEST_F(SinkQueueTest, an_outage_that_was_not_said_at_once_is_said_later) {
  SinkQueue queue = queue_with({});
  push(queue, {"a", "b"});
  receiver_->answer = SendOutcome::TryAgain;
  receiver_->trouble = "away";
  queue.flush(clock_.now());
  EXPECT_EQ(queue.take_news().size(), 1U);
  receiver_->answer = SendOutcome::Sent;
  flush_until_idle(queue);
  EXPECT_EQ(queue.take_news().size(), 1U) << "it takes alerts again";

  push(queue, {"c"});
  receiver_->answer = SendOutcome::TryAgain;
  Texts news;
  const MonotonicTime until = clock_.now().monotonic + 2min;
  while (clock_.now().monotonic < until) {
    queue.flush(clock_.now());
    for (std::string& each : queue.take_news()) news.push_back(std::move(each));
    clock_.advance(*queue.next_try() - clock_.now().monotonic);
  }
  ASSERT_EQ(news.size(), 1U);
  EXPECT_NE(news.front().find(": away ("), std::string::npos) << news.front();
}

TEST_F(SinkQueueTest, a_flush_before_its_time_leaves_the_sink_alone) {
  SinkQueue queue = queue_with({});
  receiver_->answer = SendOutcome::TryAgain;
  push(queue, {"a"});
  queue.flush(clock_.now());
  queue.flush(clock_.now());
  clock_.advance(99ms);
  queue.flush(clock_.now());
  EXPECT_EQ(receiver_->attempts, 1U);
  clock_.advance(1ms);
  queue.flush(clock_.now());
  EXPECT_EQ(receiver_->attempts, 2U);
}

TEST_F(SinkQueueTest, an_entry_the_sink_refuses_does_not_hold_up_the_rest) {
  SinkQueue queue = queue_with({});
  receiver_->answer = SendOutcome::Failed;
  push(queue, {"a", "b"});
  queue.flush(clock_.now());
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(queue.errors(), 2U);
}

TEST_F(SinkQueueTest, what_is_refused_steps_aside_and_goes_when_the_receiver_takes_it) {
  SinkQueue queue = queue_with({});
  receiver_->answer = SendOutcome::Refused;
  push(queue, {"a"});
  queue.flush(clock_.now());
  EXPECT_EQ(queue.waiting(), 1U);
  EXPECT_EQ(queue.errors(), 1U);
  receiver_->answer = SendOutcome::Sent;
  push(queue, {"b"});
  queue.flush(clock_.now());
  EXPECT_EQ(receiver_->got, Texts{"b"}) << "nobody waits for it";
  flush_until_idle(queue);
  EXPECT_EQ(receiver_->got, (Texts{"b", "a"}));
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(queue.take_news().size(), 2U) << "that it was refused, and that it went";
}

TEST_F(SinkQueueTest, what_is_refused_for_long_is_tried_more_and_more_seldom) {
  SinkQueue queue = queue_with({});
  receiver_->answer = SendOutcome::Refused;
  push(queue, {"a", "b", "c"});
  const MonotonicTime end = clock_.now().monotonic + 1h;
  while (clock_.now().monotonic < end) {
    queue.flush(clock_.now());
    clock_.advance(*queue.next_try() - clock_.now().monotonic);
  }
  EXPECT_LE(receiver_->attempts, 3U + 8 + 3600 / 10);
  EXPECT_EQ(queue.errors(), 3U);
  EXPECT_EQ(queue.take_news().size(), 1U);
  EXPECT_EQ(queue.save().entries.size(), 3U);
}

TEST_F(SinkQueueTest, the_end_of_what_is_refused_does_not_come_before_it) {
  SinkQueue queue = queue_with({});
  const auto push_about = [&](const std::string& message, const std::string& subject) {
    Alert alert = alert_about(netcat(), message);
    alert.subject = subject;
    queue.push(alert);
  };
  receiver_->answer = SendOutcome::Refused;
  push_about("opened", "port");
  push_about("queued with it", "port");
  push_about("another", "another port");
  queue.flush(clock_.now());
  push_about("closed", "port");
  SinkQueue next = queue_with({});
  next.restore(queue.save(), queue.save_subjects());
  for (int i = 0; i < 5; ++i) {
    next.flush(clock_.now());
    clock_.advance(10s);
  }
  receiver_->answer = SendOutcome::Sent;
  flush_until_idle(next);
  Texts of_port = receiver_->got;
  std::erase(of_port, "another");
  EXPECT_EQ(of_port, (Texts{"opened", "queued with it", "closed"}));
  EXPECT_EQ(receiver_->got.size(), 4U);
}

TEST_F(SinkQueueTest, a_full_queue_keeps_the_beginning_and_tells_how_much_is_missing) {
  SinkQueue queue = queue_with({3, 1000});
  receiver_->answer = SendOutcome::TryAgain;
  push(queue, {"a", "b", "c", "d", "e"});
  queue.flush(clock_.now());
  EXPECT_EQ(queue.waiting(), 4U) << "three, and one that tells of the others";
  EXPECT_EQ(queue.dropped(), 2U);

  receiver_->answer = SendOutcome::Sent;
  flush_until_idle(queue);
  EXPECT_EQ(receiver_->got,
            (Texts{"a", "b", "c",
                   "monitoring degraded: journal: 2 alerts were dropped while it was away and its "
                   "queue full"}));
  push(queue, {"f"});
  flush_until_idle(queue);
  EXPECT_EQ(receiver_->got.size(), 5U) << "told once";
  EXPECT_EQ(queue.dropped(), 2U);
}

TEST_F(SinkQueueTest, bytes_are_limited_as_well_as_entries) {
  SinkQueue queue = queue_with({1000, 10});
  push(queue, {"12345", "67890", "x"});
  EXPECT_EQ(queue.waiting(), 3U);
  EXPECT_EQ(queue.dropped(), 1U);
  queue.flush(clock_.now());
  push(queue, {"1234567890"});
  EXPECT_EQ(queue.dropped(), 1U) << "what was sent makes room";
}

TEST_F(SinkQueueTest, the_gap_is_told_where_it_is) {
  SinkQueue queue = queue_with({300, 1'000'000});
  push(queue, Texts(301, "before"));
  queue.flush(clock_.now());  // some of them, not all
  ASSERT_GT(queue.waiting(), 0U);
  push(queue, {"after"});
  flush_until_idle(queue);
  ASSERT_EQ(receiver_->got.size(), 302U);
  EXPECT_EQ(receiver_->got[299], "before");
  EXPECT_TRUE(receiver_->got[300].starts_with("monitoring degraded: journal: 1 alerts were dropped"));
  EXPECT_EQ(receiver_->got[301], "after");
}

TEST_F(SinkQueueTest, a_long_queue_is_sent_in_pieces) {
  SinkQueue queue = queue_with({});
  push(queue, Texts(1000, "x"));
  queue.flush(clock_.now());
  EXPECT_GT(queue.waiting(), 0U);
  EXPECT_LE(*queue.next_try(), clock_.now().monotonic) << "the rest at the next turn of the loop";
  flush_until_idle(queue);
  EXPECT_EQ(receiver_->got.size(), 1000U);
}

TEST_F(SinkQueueTest, what_waits_is_saved_and_taken_up_again) {
  SinkQueue queue = queue_with({2, 1000});
  push(queue, {"a", "b", "lost"});
  const SavedQueue saved = queue.save();
  EXPECT_EQ(saved, (SavedQueue{"journal", 1, {"a", "b"}}));

  SinkQueue next = queue_with({2, 1000});
  next.restore(saved);
  flush_until_idle(next);
  ASSERT_EQ(receiver_->got.size(), 3U);
  EXPECT_EQ(receiver_->got[1], "b");
  EXPECT_TRUE(receiver_->got[2].starts_with("monitoring degraded: journal: 1 alerts were dropped"));
}

TEST_F(SinkQueueTest, a_saved_queue_does_not_get_around_the_limits) {
  SinkQueue queue = queue_with({2, 1000});
  queue.restore({"journal", 5, {"a", "b", "c"}});
  EXPECT_EQ(queue.save().entries, (Texts{"a", "b"}));
  EXPECT_EQ(queue.save().untold, 6U);
}

}  // namespace
}  // namespace sockwatch
