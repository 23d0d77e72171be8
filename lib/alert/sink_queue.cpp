// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sink_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "lib/alert/messages.h"

namespace sockwatch {
namespace {

// `pause` without a part of it. The clock's nanoseconds are chance enough to part machines.
Duration shortened(Duration pause, double jitter, MonotonicTime now) {
  const auto chance = static_cast<double>(now.time_since_epoch().count() % 1'000'003) / 1'000'003;
  return pause - std::chrono::duration_cast<Duration>(pause * (jitter * chance));
}

}  // namespace

void SinkQueue::push(const Alert& alert) {
  std::string text = sink_->render(alert);
  if (!has_room(text.size())) {
    drop(std::max<std::uint64_t>(1, alert.folded));
    return;
  }
  if (untold_ > 0) tell_dropped(alert.time);  // where the gap is, before what comes after it
  append({alert.subject, std::move(text)});
}

bool SinkQueue::has_room(std::size_t entry_size) const {
  return entries_.size() + refused_.size() < limits_.entries && bytes_ + entry_size <= limits_.bytes;
}

// The end of what was refused must not come before it.
void SinkQueue::append(Entry entry) {
  bytes_ += entry.text.size();
  const bool behind = !entry.subject.empty() &&
                      std::any_of(refused_.begin(), refused_.end(),
                                  [&](const Entry& waiting) { return waiting.subject == entry.subject; });
  (behind ? refused_ : entries_).push_back(std::move(entry));
}

void SinkQueue::drop(std::uint64_t alerts) {
  dropped_ += alerts;
  untold_ += alerts;
}

SinkQueue::Turn SinkQueue::whose_turn(Instant now) {
  if (entries_.empty() && untold_ > 0) tell_dropped(now);
  if (!entries_.empty()) return Turn::Fresh;
  if (!refused_.empty() && refused_next_try_ <= now.monotonic) return Turn::Refused;
  if (sink_->next_repeat().value_or(MonotonicTime::max()) > now.monotonic) return Turn::Nobody;
  repetition_ = sink_->repetition();
  return Turn::Repetition;
}

const std::string& SinkQueue::entry_of(Turn turn) const {
  if (turn == Turn::Repetition) return repetition_;
  return (turn == Turn::Refused ? refused_ : entries_).front().text;
}

void SinkQueue::flush(Instant now) {
  if (now.monotonic < next_try_) return;
  for (std::size_t i = 0; i < sink_->at_once(); ++i) {
    if (!under_way_) turn_ = whose_turn(now);
    if (turn_ == Turn::Nobody) return;
    const SendOutcome outcome = sink_->send(entry_of(turn_));
    under_way_ = outcome == SendOutcome::UnderWay;
    if (under_way_) return;
    if (outcome == SendOutcome::TryAgain) {
      put_off(now.monotonic);
      return;
    }
    settle(outcome, now.monotonic);
  }
}

void SinkQueue::put_off(MonotonicTime now) {
  const RetryPace pace = sink_->pace();
  if (pause_ == Duration::zero()) ++errors_;
  pause_ = std::clamp(pause_ * 2, pace.first, pace.longest);
  next_try_ = now + std::max(shortened(pause_, pace.jitter, now), sink_->asked_pause());
  report(outages_, "alerts wait for ", now);
}

void SinkQueue::settle(SendOutcome outcome, MonotonicTime now) {
  if (outcome == SendOutcome::Sent) return sent();
  if (turn_ == Turn::Repetition) return;  // the form makes another one of it
  if (outcome == SendOutcome::Refused) return refused(now);
  ++errors_;
  report(losses_, "an alert is lost, refused by ", now);
  pop();
}

// Whoever takes one again may take them all.
void SinkQueue::sent() {
  if (!reported_.empty()) news_.push_back(sink_->shown_name() + " takes alerts again");
  reported_.clear();
  pause_ = Duration::zero();
  if (turn_ == Turn::Repetition) return;
  pop();
  if (turn_ != Turn::Refused) return;
  refused_pause_ = Duration::zero();
  refused_next_try_ = {};
  if (!refused_.empty() || !std::exchange(refusal_said_, false)) return;
  news_.push_back(sink_->shown_name() + " has taken what it refused before");
}

void SinkQueue::refused(MonotonicTime now) {
  if (turn_ == Turn::Fresh) ++errors_;
  if (!refusal_said_) {
    auto said =
        refusals_.say(now, sink_->shown_name() + " refuses an alert, which waits: " + sink_->trouble());
    refusal_said_ = said.has_value();
    if (said) news_.push_back(*std::move(said));
  }
  const bool first = turn_ == Turn::Fresh && !refused_.empty();
  step_aside();
  if (first) return;  // others wait there already, at their own pace
  const RetryPace pace = sink_->pace();
  refused_pause_ = std::clamp(refused_pause_ * 2, pace.first, pace.longest);
  refused_next_try_ = now + std::max(shortened(refused_pause_, pace.jitter, now), sink_->asked_pause());
}

// Behind all that waits, and what is about the same thing behind it.
void SinkQueue::step_aside() {
  std::deque<Entry>& from = turn_ == Turn::Refused ? refused_ : entries_;
  const std::string subject = from.front().subject;
  std::deque<Entry> moved;
  moved.push_back(std::move(from.front()));
  from.pop_front();
  if (!subject.empty()) {
    const auto same = [&](const Entry& entry) { return entry.subject == subject; };
    std::copy_if(from.begin(), from.end(), std::back_inserter(moved), same);
    std::erase_if(from, same);
  }
  std::move(moved.begin(), moved.end(), std::back_inserter(refused_));
}

void SinkQueue::pop() {
  std::deque<Entry>& from = turn_ == Turn::Refused ? refused_ : entries_;
  bytes_ -= from.front().text.size();
  from.pop_front();
}

// What is held back now is reported by a later try, where the trouble is then still there.
void SinkQueue::report(Repeated& complaint, const std::string& what, MonotonicTime now) {
  const std::string trouble = sink_->trouble();
  if (trouble == reported_) return;
  auto said = complaint.say(now, what + sink_->shown_name() + ": " + trouble);
  if (!said) return;
  news_.push_back(*std::move(said));
  reported_ = trouble;
}

void SinkQueue::tell_dropped(Instant when) {
  Alert alert;
  alert.event = Event::MonitorDegraded;
  alert.time = when;
  alert.message =
      degraded_message(sink_->shown_name(),
                       std::to_string(untold_) + " alerts were dropped while it was away and its queue full");
  untold_ = 0;
  append({{}, sink_->render(alert)});
}

bool SinkQueue::lacks(const std::string& subject) const {
  const auto is_about = [&](const Entry& entry) { return entry.subject == subject; };
  return sink_->lacks(subject) && std::none_of(entries_.begin(), entries_.end(), is_about) &&
         std::none_of(refused_.begin(), refused_.end(), is_about);
}

std::optional<MonotonicTime> SinkQueue::next_try() const {
  if (under_way_) return std::nullopt;
  if (!entries_.empty() || untold_ > 0) return next_try_;
  std::optional<MonotonicTime> next = sink_->next_repeat();
  if (!refused_.empty()) next = std::min(next.value_or(refused_next_try_), refused_next_try_);
  return next ? std::optional(std::max(*next, next_try_)) : std::nullopt;
}

SavedQueue SinkQueue::save() const {
  SavedQueue saved{sink_->name(), untold_, {}};
  for (const auto* entries : {&refused_, &entries_}) {
    for (const Entry& entry : *entries) saved.entries.push_back(entry.text);
  }
  return saved;
}

std::vector<std::string> SinkQueue::save_subjects() const {
  std::vector<std::string> subjects;
  for (const auto* entries : {&refused_, &entries_}) {
    for (const Entry& entry : *entries) subjects.push_back(entry.subject);
  }
  return subjects;
}

void SinkQueue::restore(SavedQueue saved, const std::vector<std::string>& subjects) {
  for (std::size_t i = 0; i < saved.entries.size(); ++i) {
    std::string& text = saved.entries[i];
    if (has_room(text.size())) {
      append({i < subjects.size() ? subjects[i] : std::string(), std::move(text)});
    } else {
      drop(1);
    }
  }
  untold_ += saved.untold;
}

}  // namespace sockwatch
