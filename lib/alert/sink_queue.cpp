// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sink_queue.h"

#include <algorithm>
#include <utility>

#include "lib/alert/messages.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMaxAtOnce = 256;  // some 10 ms of sending; the loop has other work

// `pause` without a part of it. The clock's nanoseconds are chance enough to part machines.
Duration shortened(Duration pause, double jitter, MonotonicTime now) {
  const auto chance = static_cast<double>(now.time_since_epoch().count() % 1'000'003) / 1'000'003;
  return pause - std::chrono::duration_cast<Duration>(pause * (jitter * chance));
}

}  // namespace

void SinkQueue::push(const Alert& alert) {
  std::string entry = sink_->render(alert);
  if (!has_room(entry.size())) {
    drop(std::max<std::uint64_t>(1, alert.folded));
    return;
  }
  if (untold_ > 0) tell_dropped(alert.time);  // where the gap is, before what comes after it
  append(std::move(entry));
}

bool SinkQueue::has_room(std::size_t entry_size) const {
  return entries_.size() < limits_.entries && bytes_ + entry_size <= limits_.bytes;
}

void SinkQueue::append(std::string entry) {
  bytes_ += entry.size();
  entries_.push_back(std::move(entry));
}

void SinkQueue::drop(std::uint64_t alerts) {
  dropped_ += alerts;
  untold_ += alerts;
}

void SinkQueue::flush(Instant now) {
  if (now.monotonic < next_try_) return;
  const bool idle = entries_.empty() && untold_ == 0;
  if (idle && sink_->next_repeat().value_or(MonotonicTime::max()) <= now.monotonic) {
    append(sink_->repetition());
    repeating_ = true;
  }
  for (std::size_t i = 0; i < kMaxAtOnce; ++i) {
    if (entries_.empty() && untold_ > 0) tell_dropped(now);
    if (entries_.empty()) return;
    const SendOutcome outcome = sink_->send(entries_.front());
    under_way_ = outcome == SendOutcome::UnderWay;
    if (under_way_) return;
    if (outcome == SendOutcome::TryAgain) {
      put_off(now.monotonic);
      return;
    }
    taken(outcome, now.monotonic);
  }
}

void SinkQueue::put_off(MonotonicTime now) {
  const RetryPace pace = sink_->pace();
  if (pause_ == Duration::zero()) ++errors_;
  pause_ = std::clamp(pause_ * 2, pace.first, pace.longest);
  next_try_ = now + shortened(pause_, pace.jitter, now);
  report(outages_, "alerts wait for ", now);
}

void SinkQueue::taken(SendOutcome outcome, MonotonicTime now) {
  if (outcome == SendOutcome::Failed) {
    ++errors_;
    report(losses_, "an alert is lost, refused by ", now);
  } else if (!reported_.empty()) {
    news_.push_back(sink_->name() + " takes alerts again");
    reported_.clear();
  }
  pause_ = Duration::zero();
  repeating_ = false;
  bytes_ -= entries_.front().size();
  entries_.pop_front();
}

// What is held back now is reported by a later try, where the trouble is then still there.
void SinkQueue::report(Repeated& complaint, const std::string& what, MonotonicTime now) {
  const std::string trouble = sink_->trouble();
  if (trouble == reported_) return;
  auto said = complaint.say(now, what + sink_->name() + ": " + trouble);
  if (!said) return;
  news_.push_back(*std::move(said));
  reported_ = trouble;
}

void SinkQueue::tell_dropped(Instant when) {
  Alert alert;
  alert.event = Event::MonitorDegraded;
  alert.time = when;
  alert.message = degraded_message(
      sink_->name(), std::to_string(untold_) + " alerts were dropped while it was away and its queue full");
  untold_ = 0;
  append(sink_->render(alert));
}

std::optional<MonotonicTime> SinkQueue::next_try() const {
  if (under_way_) return std::nullopt;
  if (entries_.empty() && untold_ == 0) return sink_->next_repeat();
  return next_try_;
}

SavedQueue SinkQueue::save() const {
  return {sink_->name(), untold_, {entries_.begin() + (repeating_ ? 1 : 0), entries_.end()}};
}

void SinkQueue::restore(SavedQueue saved) {
  for (std::string& entry : saved.entries) {
    if (has_room(entry.size())) {
      append(std::move(entry));
    } else {
      drop(1);
    }
  }
  untold_ += saved.untold;
}

}  // namespace sockwatch
