// SPDX-License-Identifier: Apache-2.0
// Keeps a storm readable: at most 50 alerts in any 10 seconds pass one by one; the rest become a single one
// at the end of the window that names how many, of what and whose. Also stays far below the rate at which
// journald starts to drop (10,000 in 30 s), sometimes without a word. What passed and what was folded always
// add up to what came.
//
// No culprit (unit, container, else program) gets more than 25 of the 50, and the last 10 are only for those
// that have had none: whoever makes noise cannot hide another in it. One thread; no clock of its own.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/event.h"

namespace sockwatch {

// What is folded so far.
struct Storm {
  struct Share {
    std::uint64_t alerts = 0;
    bool told = false;  // some of it passed one by one
  };
  MonotonicTime ends{};
  std::uint64_t alerts = 0;
  Severity severity = Severity::Info;  // of the gravest
  std::array<std::uint64_t, kWordCount<Event>> by_event{};
  std::map<std::string, Share> by_culprit;  // capped
  std::uint64_t other_culprits = 0;         // alerts of those past the cap
};

class StormFold {
 public:
  // Those that may be told at once, in order; the others are kept as counts.
  std::vector<Alert> pass(std::vector<Alert> alerts, Instant now);

  // The summary, once its window has ended; else nothing. It comes on top of the 50.
  std::vector<Alert> due(Instant now);
  // The summary before its time, for when the daemon stops.
  std::vector<Alert> finish(Instant now);
  // A storm under way, as texts for a file; none without one. restore() takes them up before the first
  // pass(): that storm is due at once. What it cannot read it leaves out.
  std::vector<std::string> save() const;
  void restore(const std::vector<std::string>& saved);
  // When to call due(); absent while nothing is folded.
  std::optional<MonotonicTime> next_due() const;

  std::uint64_t folded() const { return folded_; }

 private:
  struct Told {
    MonotonicTime at;
    std::string culprit;
  };
  std::size_t told_of(const std::string& culprit) const;
  bool may_pass(std::size_t already) const;
  void fold(const Alert& alert, const std::string& name, bool told, MonotonicTime now);

  std::deque<Told> told_;  // of the last window
  std::optional<Storm> storm_;
  std::uint64_t folded_ = 0;
};

}  // namespace sockwatch
