// SPDX-License-Identifier: Apache-2.0
// A hundred thousand alerts: each is told, in a summary, or counted as dropped, and the sum is exact.
#include <gtest/gtest.h>

#include "lib/alert/delivery.h"
#include "tests/lib/alert/examples.h"
#include "tests/lib/alert/fake_sink.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEvents = 100'000;

struct Sum {
  std::size_t single = 0;
  std::size_t folded = 0;   // named by summaries
  std::size_t dropped = 0;  // named by "… alerts were dropped"
};

Sum sum_of(const std::vector<std::string>& entries) {
  Sum sum;
  constexpr std::string_view kGap = "journal: ";
  for (const std::string& entry : entries) {
    const std::size_t gap = entry.find(kGap);
    if (entry.find(" more alerts were folded") != entry.npos) {
      sum.folded += std::stoul(entry);
    } else if (entry.find(" alerts were dropped") != entry.npos) {
      sum.dropped += std::stoul(entry.substr(gap + kGap.size()));
    } else {
      ++sum.single;
    }
  }
  return sum;
}

class DeliveryStorm : public testing::Test {
 protected:
  std::unique_ptr<Delivery> new_delivery() {
    std::vector<std::unique_ptr<AlertSink>> sinks;
    sinks.push_back(std::make_unique<FakeSink>(receiver_));
    return std::make_unique<Delivery>(std::move(sinks), QueueLimits{100, 1'000'000});
  }
  // By turns of 200 units, one of which makes half of the noise.
  std::vector<Alert> some(std::size_t first, std::size_t count) {
    std::vector<Alert> alerts;
    for (std::size_t i = first; i < first + count; ++i) {
      Listener listener = netcat();
      own(listener, "p", i % 2 == 0 ? "noise" : "p" + std::to_string(i % 400));
      alerts.push_back(alert_about(listener, "one"));
    }
    return alerts;
  }
  void tell(std::vector<Alert> alerts) {
    delivery_->offer(std::move(alerts), clock_.now());
    delivery_->flush(clock_.now());
  }
  void drain() {
    while (const auto due = delivery_->next_due()) {
      if (*due > clock_.now().monotonic) clock_.advance(*due - clock_.now().monotonic);
      delivery_->flush(clock_.now());
    }
  }
  std::uint64_t suppressed(SuppressReason reason) const {
    return delivery_->totals().suppressed[static_cast<std::size_t>(reason)];
  }

  FakeClock clock_;
  std::shared_ptr<FakeReceiver> receiver_ = std::make_shared<FakeReceiver>();
  std::unique_ptr<Delivery> delivery_ = new_delivery();
};

TEST_F(DeliveryStorm, told_and_folded_add_up) {
  for (std::size_t i = 0; i < kEvents; i += 100) {
    tell(some(i, 100));
    clock_.advance(10ms);
  }
  drain();
  const Sum sum = sum_of(receiver_->got);
  EXPECT_EQ(sum.single + sum.folded, kEvents);
  EXPECT_EQ(sum.folded, suppressed(SuppressReason::Folded));
  EXPECT_EQ(sum.dropped, 0U);
  EXPECT_LE(receiver_->got.size(), 2 * (200U + 40 + 1)) << "the first of each unit, some, and a summary";
}

TEST_F(DeliveryStorm, what_a_full_queue_drops_adds_up_too) {
  receiver_->answer = SendOutcome::TryAgain;
  for (std::size_t i = 0; i < kEvents; i += 1000) {
    tell(some(i, 1000));
    clock_.advance(1s);
  }
  receiver_->answer = SendOutcome::Sent;
  drain();
  const Sum sum = sum_of(receiver_->got);
  EXPECT_EQ(sum.dropped, suppressed(SuppressReason::QueueFull));
  EXPECT_GT(sum.dropped, 0U);
  EXPECT_EQ(sum.single + sum.folded + sum.dropped, kEvents);
  const std::uint64_t told = delivery_->totals().sent[static_cast<std::size_t>(Event::ListenerOpened)];
  EXPECT_EQ(told + suppressed(SuppressReason::Folded), kEvents);
  EXPECT_LE(sum.single, 100U);
}

TEST_F(DeliveryStorm, a_crash_in_the_middle_loses_no_count_that_was_saved) {
  receiver_->answer = SendOutcome::TryAgain;
  for (std::size_t i = 0; i < kEvents / 2; i += 1000) tell(some(i, 1000));
  const std::string saved = delivery_->serialize();
  EXPECT_TRUE(delivery_->worth_saving());

  delivery_ = new_delivery();  // nothing was finished
  ASSERT_TRUE(delivery_->restore(saved));
  for (std::size_t i = kEvents / 2; i < kEvents; i += 1000) tell(some(i, 1000));
  receiver_->answer = SendOutcome::Sent;
  drain();
  const Sum sum = sum_of(receiver_->got);
  EXPECT_EQ(sum.single + sum.folded + sum.dropped, kEvents);
  EXPECT_FALSE(delivery_->worth_saving());
}

}  // namespace
}  // namespace sockwatch
