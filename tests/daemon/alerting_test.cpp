// SPDX-License-Identifier: Apache-2.0
#include "daemon/alerting.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_reactor.h"
#include "tests/lib/alert/examples.h"
#include "tests/lib/alert/fake_sink.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class AlertingTest : public testing::Test {
 protected:
  AlertingTest() : alerting_(made()) { EXPECT_TRUE(alerting_->connect(loop_).ok()); }

  std::unique_ptr<Alerting> made() {
    return std::make_unique<Alerting>(
        clock_,
        [this](std::function<void()> notify, const std::function<std::set<std::string>()>&) {
          notify_ = std::move(notify);
          std::vector<std::unique_ptr<AlertSink>> sinks;
          sinks.push_back(std::make_unique<FakeSink>(receiver_));
          return sinks;
        },
        Alerting::Hooks{[](const Listener&) { return std::string(); }, nullptr,
                        [] { return std::set<std::string>{"elsewhere"}; }, [this] { ++changes_; }});
  }
  static Delta opened(std::uint16_t port) {
    Delta delta;
    delta.time = FakeClock().now();
    delta.opened = {netcat(VerdictKind::Unexpected, port)};
    return delta;
  }

  FakeClock clock_;
  FakeReactor loop_{clock_};
  std::shared_ptr<FakeReceiver> receiver_ = std::make_shared<FakeReceiver>();
  std::function<void()> notify_;
  int changes_ = 0;
  std::unique_ptr<Alerting> alerting_;
};

TEST_F(AlertingTest, nothing_is_sent_before_it_is_flushed) {
  alerting_->offer(opened(4444));
  EXPECT_TRUE(receiver_->got.empty());
  EXPECT_EQ(alerting_->history()->alerts.size(), 1U) << "and may be read";
  alerting_->flush();
  ASSERT_EQ(receiver_->got.size(), 1U);
  EXPECT_EQ(alerting_->totals().sent[static_cast<std::size_t>(Event::ListenerOpened)], 1U);
}

TEST_F(AlertingTest, a_receiver_that_is_away_is_asked_again_and_what_waits_is_to_be_kept) {
  EXPECT_FALSE(alerting_->to_keep());
  receiver_->answer = SendOutcome::TryAgain;
  alerting_->offer(opened(4444));
  alerting_->report({});
  EXPECT_TRUE(alerting_->to_keep());
  receiver_->answer = SendOutcome::Sent;
  loop_.run_for(1min);
  EXPECT_EQ(receiver_->got.size(), 1U);
  EXPECT_GE(changes_, 1) << "nothing waits any more";
  EXPECT_FALSE(alerting_->to_keep());
}

TEST_F(AlertingTest, an_answer_is_taken_in_when_the_receivers_thread_notifies) {
  receiver_->answer = SendOutcome::UnderWay;
  alerting_->offer(opened(4444));
  alerting_->flush();
  receiver_->answer = SendOutcome::Sent;
  notify_();
  loop_.run_for(0s);
  EXPECT_EQ(receiver_->got.size(), 1U);
}

TEST_F(AlertingTest, the_next_run_sends_what_waited) {
  receiver_->answer = SendOutcome::TryAgain;
  alerting_->offer(opened(4444));
  alerting_->finish();
  const auto kept = alerting_->to_keep();
  ASSERT_TRUE(kept);
  receiver_->answer = SendOutcome::Sent;
  alerting_ = made();
  ASSERT_TRUE(alerting_->connect(loop_).ok());
  ASSERT_TRUE(alerting_->waiting().restore(*kept).ok());
  EXPECT_TRUE(receiver_->got.empty());
  alerting_->flush();
  EXPECT_EQ(receiver_->got.size(), 1U);
}

TEST_F(AlertingTest, what_cannot_be_polled_is_degraded_once_it_lasts_until_it_can_be) {
  const std::vector<Unseen> unseen{{"tcp over IPv6", "refused"}};
  alerting_->watch_coverage(LookKind::Listeners, unseen);
  EXPECT_EQ(alerting_->degraded_parts(), 0U) << "once is an accident";
  loop_.run_for(10s);
  alerting_->watch_coverage(LookKind::Connections, unseen);
  EXPECT_EQ(alerting_->degraded_parts(), 0U) << "another kind of poll";
  alerting_->watch_coverage(LookKind::Listeners, unseen);
  alerting_->watch_coverage(LookKind::Listeners, unseen);
  EXPECT_EQ(alerting_->degraded_parts(), 1U);
  ASSERT_EQ(receiver_->got.size(), 1U);
  EXPECT_NE(receiver_->got[0].find("tcp over IPv6"), std::string::npos);
  alerting_->watch_coverage(LookKind::Listeners, {});
  EXPECT_EQ(alerting_->degraded_parts(), 0U);
  EXPECT_EQ(receiver_->got.size(), 2U);
}

TEST_F(AlertingTest, what_stands_is_what_it_has_raised_and_what_others_have) {
  EXPECT_EQ(alerting_->standing(), std::set<std::string>{"elsewhere"});
  alerting_->offer(opened(4444));
  EXPECT_EQ(alerting_->standing().size(), 2U);
}

}  // namespace
}  // namespace sockwatch
