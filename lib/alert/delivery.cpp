// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/delivery.h"

#include <algorithm>
#include <utility>

namespace sockwatch {
namespace {

std::optional<MonotonicTime> earlier(std::optional<MonotonicTime> one, std::optional<MonotonicTime> other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

}  // namespace

Delivery::Delivery(std::vector<std::unique_ptr<AlertSink>> sinks, QueueLimits limits) {
  for (std::unique_ptr<AlertSink>& sink : sinks) queues_.emplace_back(std::move(sink), limits);
}

void Delivery::offer(std::vector<Alert> alerts, Instant now) {
  const std::vector<Alert> told = fold_.pass(std::move(alerts), now);
  for (const Alert& alert : told) ++sent_[static_cast<std::size_t>(alert.event)];
  hand_over(told);
  flush(now);
}

void Delivery::hand_over(const std::vector<Alert>& alerts) {
  for (SinkQueue& queue : queues_) {
    for (const Alert& alert : alerts) queue.push(alert);
  }
}

void Delivery::flush(Instant now) {
  hand_over(fold_.due(now));
  for (SinkQueue& queue : queues_) queue.flush(now);
}

std::optional<MonotonicTime> Delivery::next_due() const {
  std::optional<MonotonicTime> next = fold_.next_due();
  for (const SinkQueue& queue : queues_) next = earlier(next, queue.next_try());
  return next;
}

void Delivery::finish(Instant now) {
  hand_over(fold_.finish(now));
  flush(now);
}

std::size_t Delivery::waiting() const {
  std::size_t waiting = 0;
  for (const SinkQueue& queue : queues_) waiting += queue.waiting();
  return waiting;
}

std::string Delivery::serialize() const {
  std::vector<SavedQueue> saved;
  for (const SinkQueue& queue : queues_) saved.push_back(queue.save());
  return encode(saved);
}

Result<void> Delivery::restore(std::string_view saved) {
  auto decoded = decode(saved);
  if (!decoded) return decoded.error();
  for (SavedQueue& entries : *decoded) {
    const auto queue = std::find_if(queues_.begin(), queues_.end(), [&](const SinkQueue& candidate) {
      return candidate.sink().name() == entries.sink;
    });
    if (queue != queues_.end()) queue->restore(std::move(entries));
  }
  return {};
}

AlertTotals Delivery::totals() const {
  AlertTotals totals;
  totals.sent = sent_;
  totals.suppressed[static_cast<std::size_t>(SuppressReason::Folded)] = fold_.folded();
  for (const SinkQueue& queue : queues_) {
    totals.suppressed[static_cast<std::size_t>(SuppressReason::QueueFull)] += queue.dropped();
    totals.sink_errors[static_cast<std::size_t>(queue.sink().kind())] += queue.errors();
  }
  return totals;
}

}  // namespace sockwatch
