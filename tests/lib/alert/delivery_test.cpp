// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/delivery.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"
#include "tests/lib/alert/fake_sink.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

template <typename E, typename Counts>
std::uint64_t count(const Counts& counts, E value) {
  return counts[static_cast<std::size_t>(value)];
}

class DeliveryTest : public testing::Test {
 protected:
  Delivery new_delivery(QueueLimits limits = {}) {
    std::vector<std::unique_ptr<AlertSink>> sinks;
    sinks.push_back(std::make_unique<FakeSink>(journal_, AlertSinkKind::Journal));
    sinks.push_back(std::make_unique<FakeSink>(terminal_, AlertSinkKind::Stderr));
    return Delivery(std::move(sinks), limits);
  }
  static std::vector<Alert> alerts(const Texts& messages) {
    std::vector<Alert> alerts;
    for (const std::string& message : messages) alerts.push_back(alert_about(netcat(), message));
    return alerts;
  }

  void tell(Delivery& delivery, std::vector<Alert> told) const {
    delivery.offer(std::move(told), clock_.now());
    delivery.flush(clock_.now());
  }

  FakeClock clock_;
  std::shared_ptr<FakeReceiver> journal_ = std::make_shared<FakeReceiver>();
  std::shared_ptr<FakeReceiver> terminal_ = std::make_shared<FakeReceiver>();
};

TEST_F(DeliveryTest, every_sink_gets_every_alert_at_once) {
  Delivery delivery = new_delivery();
  tell(delivery, alerts({"a", "b"}));
  EXPECT_EQ(journal_->got, (Texts{"a", "b"}));
  EXPECT_EQ(terminal_->got, (Texts{"a", "b"}));
  EXPECT_FALSE(delivery.next_due());
  EXPECT_EQ(count(delivery.totals().sent, Event::ListenerOpened), 2U);
}

TEST_F(DeliveryTest, an_offer_sends_nothing_yet_but_would_be_saved) {
  Delivery delivery = new_delivery();
  delivery.offer(alerts({"a"}), clock_.now());
  EXPECT_EQ(journal_->got, Texts{});
  EXPECT_TRUE(delivery.worth_saving());
  Delivery after_a_crash = new_delivery();
  ASSERT_TRUE(after_a_crash.restore(delivery.serialize()));
  after_a_crash.flush(clock_.now());
  EXPECT_EQ(journal_->got, Texts{"a"});
}

TEST_F(DeliveryTest, a_receiver_that_was_not_there_hears_of_what_stands_and_only_that_one) {
  Delivery delivery = new_delivery();
  EXPECT_EQ(delivery.lacking({"new", "waits"}), std::set<std::string>{}) << "each has been sent all";
  terminal_->lacks = true;
  Alert waits = alerts({"waits"}).front();
  waits.subject = "waits";
  delivery.offer({waits}, clock_.now());
  EXPECT_EQ(delivery.lacking({"new", "waits"}), std::set<std::string>{"new"});
  Alert fresh = alerts({"new"}).front();
  fresh.subject = "new";
  delivery.catch_up({fresh, waits});
  delivery.flush(clock_.now());
  EXPECT_EQ(journal_->got, Texts{"waits"});
  EXPECT_EQ(terminal_->got, (Texts{"waits", "new"}));
}

TEST_F(DeliveryTest, a_sink_that_is_away_does_not_hold_up_another) {
  Delivery delivery = new_delivery();
  journal_->answer = SendOutcome::TryAgain;
  tell(delivery, alerts({"a"}));
  EXPECT_EQ(terminal_->got, Texts{"a"});
  EXPECT_EQ(delivery.waiting(), 1U);
  EXPECT_EQ(delivery.next_due(), clock_.now().monotonic + 100ms);
  EXPECT_EQ(count(delivery.totals().sink_errors, AlertSinkKind::Journal), 1U);
  EXPECT_EQ(count(delivery.totals().sink_errors, AlertSinkKind::Stderr), 0U);

  journal_->answer = SendOutcome::Sent;
  clock_.advance(100ms);
  delivery.flush(clock_.now());
  EXPECT_EQ(journal_->got, Texts{"a"});
  EXPECT_EQ(terminal_->got, Texts{"a"});
}

TEST_F(DeliveryTest, a_storm_is_folded_before_the_queues_and_summed_up_after) {
  Delivery delivery = new_delivery();
  tell(delivery, alerts(Texts(80, "x")));
  EXPECT_EQ(journal_->got.size(), 25U);
  EXPECT_EQ(delivery.next_due(), clock_.now().monotonic + 10s);
  clock_.advance(10s);
  delivery.flush(clock_.now());
  ASSERT_EQ(journal_->got.size(), 26U);
  EXPECT_TRUE(journal_->got.back().starts_with("55 more alerts were folded"));
  EXPECT_EQ(count(delivery.totals().sent, Event::ListenerOpened), 25U);
  EXPECT_EQ(count(delivery.totals().suppressed, SuppressReason::Folded), 55U);
}

TEST_F(DeliveryTest, stopping_says_what_was_folded_at_once) {
  Delivery delivery = new_delivery();
  tell(delivery, alerts(Texts(26, "x")));
  delivery.finish(clock_.now());
  EXPECT_TRUE(journal_->got.back().starts_with("1 more alerts were folded"));
  EXPECT_FALSE(delivery.next_due());
}

TEST_F(DeliveryTest, dropped_entries_are_counted) {
  Delivery delivery = new_delivery({2, 1000});
  journal_->answer = SendOutcome::TryAgain;
  tell(delivery, alerts({"a"}));
  tell(delivery, alerts({"b"}));
  tell(delivery, alerts({"c"}));
  EXPECT_EQ(count(delivery.totals().suppressed, SuppressReason::QueueFull), 1U);
}

TEST_F(DeliveryTest, what_waited_when_the_daemon_stopped_is_sent_by_the_next_run) {
  Delivery stopping = new_delivery();
  journal_->answer = SendOutcome::TryAgain;
  tell(stopping, alerts({"a", "b"}));
  stopping.finish(clock_.now());
  const std::string saved = stopping.serialize();

  journal_->answer = SendOutcome::Sent;
  terminal_->got.clear();
  Delivery starting = new_delivery();
  ASSERT_TRUE(starting.restore(saved));
  EXPECT_EQ(starting.waiting(), 2U);
  tell(starting, alerts({"c"}));
  EXPECT_EQ(journal_->got, (Texts{"a", "b", "c"}));
  EXPECT_EQ(terminal_->got, Texts{"c"}) << "each sink its own queue";
}

TEST_F(DeliveryTest, a_damaged_file_restores_nothing) {
  Delivery delivery = new_delivery();
  const std::string saved = encode(std::vector<SavedQueue>{{"journal", 0, {"a"}}, {"stderr", 0, {"b"}}});
  EXPECT_FALSE(delivery.restore(std::string_view(saved).substr(0, saved.size() - 1)));
  EXPECT_EQ(delivery.waiting(), 0U);
}

TEST_F(DeliveryTest, entries_of_a_sink_that_is_gone_are_left_out_and_that_is_said) {
  Delivery delivery = new_delivery();
  ASSERT_TRUE(delivery.restore(encode(std::vector<SavedQueue>{
      {"webhook", 0, {"a", "c"}}, {"subjects of: webhook", 0, {"x", "y"}}, {"journal", 0, {"b"}}})));
  EXPECT_EQ(delivery.waiting(), 1U);
  const Texts news = delivery.take_news();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].substr(0, 8), "2 alerts");
}

TEST_F(DeliveryTest, without_sinks_alerts_are_still_counted) {
  Delivery delivery({});
  tell(delivery, alerts({"a"}));
  EXPECT_EQ(count(delivery.totals().sent, Event::ListenerOpened), 1U);
  EXPECT_EQ(delivery.waiting(), 0U);
}

}  // namespace
}  // namespace sockwatch
