// SPDX-License-Identifier: Apache-2.0
// The way of an alert from the gate to every sink: storms folded, entries queued while a sink is away, tried
// again, kept over a restart. No alert vanishes: it is sent, it waits, or it is counted and the count is
// told. Never blocks. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/alert/sink_queue.h"
#include "lib/alert/storm_fold.h"
#include "lib/base/result.h"
#include "lib/model/view.h"

namespace sockwatch {

class Delivery {
 public:
  // The subjects of what is wrong right now: Gate::standing() and what else the caller knows.
  using Standing = std::function<std::set<std::string>()>;

  // Without `standing` nothing that was folded is taken to stand still.
  explicit Delivery(std::vector<std::unique_ptr<AlertSink>> sinks, QueueLimits limits = {},
                    Standing standing = nullptr);

  // Queues; nothing is sent before the next flush().
  void offer(std::vector<Alert> alerts, Instant now);
  // Sends what can be sent by now: new entries, a summary, entries to try again. After each offer(), and for
  // a timer at next_due(). Not before the loop runs: it may start threads, and those ring.
  void flush(Instant now);
  // Absent while nothing waits for anything.
  std::optional<MonotonicTime> next_due() const;
  // The daemon stops: says what it folded and sends what still can be sent. Then serialize().
  void finish(Instant now);

  // Of these subjects, which stand, a thousand at most that some receiver should know and has not been sent:
  // it was added, or its address has changed. Before the first offer().
  std::set<std::string> lacking(const std::set<std::string>& standing) const;
  // Queues them for those receivers alone.
  void catch_up(const std::vector<Alert>& alerts);

  // Entries that wait, over all sinks.
  std::size_t waiting() const;
  // The same, a storm under way and what is held back in it. When it changes, serialize() would say something
  // else.
  std::size_t unfinished() const { return waiting() + (fold_.next_due() ? 1U : 0U) + fold_.held_count(); }
  // Whether serialize() would say anything: what is unfinished, and what has to be repeated.
  bool worth_saving() const;
  // What the log should know of the sinks since the last call.
  std::vector<std::string> take_news();
  // For a file of the caller's; restore() before the first offer(), with the same sinks. A sink that is no
  // longer there loses its entries, which is news. On an error nothing is restored. What the caller holds
  // back is saved as if it waited: the next run sends it.
  std::string serialize(const std::vector<Alert>& held_back = {}) const;
  Result<void> restore(std::string_view saved);

  // `sent` counts alerts handed to the sinks one by one, whether or not a sink was there to take them.
  AlertTotals totals() const;

 private:
  void hand_over(const std::vector<Alert>& alerts);
  bool has_sink(std::string_view name) const;

  Standing standing_;
  StormFold fold_;
  std::vector<SinkQueue> queues_;
  std::vector<std::string> news_;
  PerWord<Event, std::uint64_t> sent_{};
};

}  // namespace sockwatch
