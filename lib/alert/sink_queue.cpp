// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sink_queue.h"

#include <algorithm>
#include <utility>

#include "lib/alert/messages.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxAtOnce = 256;  // some 10 ms of sending; the loop has other work
constexpr Duration kFirstPause = 100ms;
constexpr Duration kLongestPause = 10s;

}  // namespace

void SinkQueue::push(const Alert& alert) {
  std::string entry = sink_->render(alert);
  if (!has_room(entry.size())) {
    drop();
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

void SinkQueue::drop() {
  ++dropped_;
  ++untold_;
}

void SinkQueue::flush(Instant now) {
  if (now.monotonic < next_try_) return;
  for (std::size_t i = 0; i < kMaxAtOnce; ++i) {
    if (entries_.empty() && untold_ > 0) tell_dropped(now);
    if (entries_.empty()) return;
    const SendOutcome outcome = sink_->send(entries_.front());
    if (outcome == SendOutcome::TryAgain) {
      put_off(now.monotonic);
      return;
    }
    if (outcome == SendOutcome::Failed) ++errors_;
    pause_ = Duration::zero();
    bytes_ -= entries_.front().size();
    entries_.pop_front();
  }
}

void SinkQueue::put_off(MonotonicTime now) {
  if (pause_ == Duration::zero()) ++errors_;
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  next_try_ = now + pause_;
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
  if (waiting() == 0) return std::nullopt;
  return next_try_;
}

SavedQueue SinkQueue::save() const {
  return {sink_->name(), untold_, {entries_.begin(), entries_.end()}};
}

void SinkQueue::restore(SavedQueue saved) {
  for (std::string& entry : saved.entries) {
    if (has_room(entry.size())) {
      append(std::move(entry));
    } else {
      drop();
    }
  }
  untold_ += saved.untold;
}

}  // namespace sockwatch
