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

// What else is kept beside the queues, in the same form: lists of texts with a name.
constexpr std::string_view kStorm = "storm";
constexpr std::string_view kToRepeat = "to repeat: ";
constexpr std::string_view kSubjects = "subjects of: ";  // of the queue's entries, in their order

constexpr std::size_t kMostToCatchUp = 1000;

std::vector<std::string> entries_of(const std::vector<SavedQueue>& lists, const std::string& name) {
  const auto list =
      std::find_if(lists.begin(), lists.end(), [&](const SavedQueue& each) { return each.sink == name; });
  return list == lists.end() ? std::vector<std::string>() : list->entries;
}

bool is_queue(const SavedQueue& list) {
  return list.sink != kStorm && !list.sink.starts_with(kToRepeat) && !list.sink.starts_with(kSubjects);
}

}  // namespace

Delivery::Delivery(std::vector<std::unique_ptr<AlertSink>> sinks, QueueLimits limits, Standing standing)
    : standing_(standing ? std::move(standing) : [] { return std::set<std::string>(); }) {
  for (std::unique_ptr<AlertSink>& sink : sinks) queues_.emplace_back(std::move(sink), limits);
}

void Delivery::offer(std::vector<Alert> alerts, Instant now) {
  hand_over(fold_.pass(std::move(alerts), now));
}

void Delivery::hand_over(const std::vector<Alert>& alerts) {
  for (const Alert& alert : alerts) ++sent_[static_cast<std::size_t>(alert.event)];
  for (SinkQueue& queue : queues_) {
    for (const Alert& alert : alerts) queue.push(alert);
  }
}

void Delivery::flush(Instant now) {
  hand_over(fold_.due(now));
  if (fold_.is_late_due(now)) hand_over(fold_.late(standing_(), now));
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

std::set<std::string> Delivery::lacking(const std::set<std::string>& standing) const {
  std::set<std::string> lacking;
  for (const std::string& subject : standing) {
    const bool lacks = std::any_of(queues_.begin(), queues_.end(),
                                   [&](const SinkQueue& queue) { return queue.lacks(subject); });
    if (lacks) lacking.insert(subject);
    if (lacking.size() == kMostToCatchUp) break;
  }
  return lacking;
}

void Delivery::catch_up(const std::vector<Alert>& alerts) {
  for (SinkQueue& queue : queues_) {
    for (const Alert& alert : alerts) {
      if (queue.lacks(alert.subject)) queue.push(alert);
    }
  }
}

std::size_t Delivery::waiting() const {
  std::size_t waiting = 0;
  for (const SinkQueue& queue : queues_) waiting += queue.waiting();
  return waiting;
}

bool Delivery::worth_saving() const {
  return unfinished() > 0 || std::any_of(queues_.begin(), queues_.end(), [](const SinkQueue& queue) {
           return !queue.sink().memory().empty();
         });
}

std::vector<std::string> Delivery::take_news() {
  std::vector<std::string> all = std::exchange(news_, {});
  for (SinkQueue& queue : queues_) {
    for (std::string& news : queue.take_news()) all.push_back(std::move(news));
  }
  return all;
}

std::string Delivery::serialize(const std::vector<Alert>& held_back) const {
  std::vector<SavedQueue> saved;
  if (auto storm = fold_.save(); !storm.empty()) saved.push_back({std::string(kStorm), 0, std::move(storm)});
  for (const SinkQueue& queue : queues_) {
    saved.push_back(queue.save());
    std::vector<std::string> subjects = queue.save_subjects();
    for (const auto& alerts : {held_back, fold_.held()}) {
      for (const Alert& alert : alerts) {
        saved.back().entries.push_back(queue.sink().render(alert));
        subjects.push_back(alert.subject);
      }
    }
    const std::string name = saved.back().sink;
    if (!subjects.empty()) saved.push_back({std::string(kSubjects) + name, 0, std::move(subjects)});
    auto memory = queue.sink().memory();
    if (!memory.empty()) saved.push_back({std::string(kToRepeat) + name, 0, std::move(memory)});
  }
  return encode(saved);
}

Result<void> Delivery::restore(std::string_view saved) {
  auto decoded = decode(saved);
  if (!decoded) return decoded.error();
  std::size_t of_nobody = 0;
  for (const SavedQueue& list : *decoded) {
    if (list.sink == kStorm) fold_.restore(list.entries);
    if (is_queue(list) && !has_sink(list.sink)) of_nobody += list.entries.size();
    for (SinkQueue& queue : queues_) {
      const std::string name = queue.sink().name();
      if (list.sink == name) queue.restore(list, entries_of(*decoded, std::string(kSubjects) + name));
      if (list.sink == std::string(kToRepeat) + name) queue.sink().recall(list.entries);
    }
  }
  if (of_nobody > 0) {
    news_.push_back(
        std::to_string(of_nobody) +
        " alerts waited for a receiver that is no longer configured, or has another address now: dropped");
  }
  return {};
}

bool Delivery::has_sink(std::string_view name) const {
  return std::any_of(queues_.begin(), queues_.end(),
                     [&](const SinkQueue& queue) { return queue.sink().name() == name; });
}

AlertTotals Delivery::totals() const {
  AlertTotals totals;
  totals.sent = sent_;
  totals.suppressed[static_cast<std::size_t>(SuppressReason::Folded)] = fold_.folded();
  for (const SinkQueue& queue : queues_) {
    totals.suppressed[static_cast<std::size_t>(SuppressReason::QueueFull)] += queue.dropped();
    const auto kind = static_cast<std::size_t>(queue.sink().kind());
    totals.sink_errors[kind] += queue.errors();
    totals.waiting[kind] += queue.waiting();
  }
  return totals;
}

}  // namespace sockwatch
