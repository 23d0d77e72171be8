// SPDX-License-Identifier: Apache-2.0
// One sink and the entries that wait for it, in order. What the receiver refuses steps aside, with whatever
// follows about the same thing, and is tried again behind the others: it goes when the receiver takes it, and
// holds nobody up until then. A repetition goes last. When it is full the newest are dropped: how an
// incident began says more than how it went on, and the number of those dropped is told as soon as the sink
// is back. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/alert/alert_sink.h"
#include "lib/alert/saved_queues.h"
#include "lib/base/clock.h"
#include "lib/base/repeated.h"

namespace sockwatch {

struct QueueLimits {
  std::size_t entries = 10'000;
  std::size_t bytes = 8 * 1024 * 1024;
};

class SinkQueue {
 public:
  SinkQueue(std::unique_ptr<AlertSink> sink, QueueLimits limits) : sink_(std::move(sink)), limits_(limits) {}

  void push(const Alert& alert);
  // Sends what the sink takes, a bounded number at a time; not before next_try() after it was away.
  void flush(Instant now);
  // Absent while nothing waits, and while the sink waits for an answer.
  std::optional<MonotonicTime> next_try() const;
  // What the log should know since the last call: that the sink went away, and why; that it is back.
  std::vector<std::string> take_news() { return std::exchange(news_, {}); }

  // Entries, and the one that will tell of dropped ones. A repetition is no news and not counted.
  std::size_t waiting() const { return entries_.size() + refused_.size() + (untold_ > 0 ? 1 : 0); }
  // Whether it has to be told of this subject, which stands, and none of its entries does so.
  bool lacks(const std::string& subject) const;
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t errors() const { return errors_; }
  const AlertSink& sink() const { return *sink_; }
  AlertSink& sink() { return *sink_; }

  SavedQueue save() const;
  // What each of its entries is about, in the same order.
  std::vector<std::string> save_subjects() const;
  // Before the first push(). The limits hold here too.
  void restore(SavedQueue saved, const std::vector<std::string>& subjects = {});

 private:
  struct Entry {
    std::string subject;  // empty: of nothing else
    std::string text;
  };
  enum class Turn { Nobody, Fresh, Refused, Repetition };

  bool has_room(std::size_t entry_size) const;
  void append(Entry entry);
  Turn whose_turn(Instant now);
  const std::string& entry_of(Turn turn) const;
  void drop(std::uint64_t alerts);
  void put_off(MonotonicTime now);
  void settle(SendOutcome outcome, MonotonicTime now);
  void sent();
  void refused(MonotonicTime now);
  void step_aside();
  void pop();
  void report(Repeated& complaint, const std::string& what, MonotonicTime now);
  void tell_dropped(Instant when);

  std::unique_ptr<AlertSink> sink_;
  QueueLimits limits_;
  std::deque<Entry> entries_;
  std::deque<Entry> refused_;  // of one subject in order
  std::string repetition_;     // the one that was begun last
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;  // alerts, ever; with a summary all it stands for
  std::uint64_t untold_ = 0;   // of those, since it was last told
  std::uint64_t errors_ = 0;   // outages and entries the sink refused
  MonotonicTime next_try_{};
  Duration pause_{};  // 0 while the sink takes entries
  bool under_way_ = false;
  Turn turn_ = Turn::Nobody;  // of the entry under way
  MonotonicTime refused_next_try_{};
  Duration refused_pause_{};
  bool refusal_said_ = false;
  Repeated refusals_;
  std::string reported_;  // the trouble the log knows of
  Repeated outages_;      // receivers choose its words
  Repeated losses_;
  std::vector<std::string> news_;
};

}  // namespace sockwatch
