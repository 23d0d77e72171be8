// SPDX-License-Identifier: Apache-2.0
// Keeps a storm readable: in any 10 seconds few alerts pass one by one; the rest become a single one at the
// end of the window that names how many, of what and whose. Also stays far below the rate at which journald
// starts to drop (10,000 in 30 s), sometimes without a word. What passed at once and what was folded always
// add up to what came.
//
// Whoever makes noise cannot hide another in it: no origin (origin.h) gets more than 25 of the first 40, 60
// places more are for those that have had fewer than three, and the first alert of an origin that has had
// none passes whatever others do. What was folded and still stands
// is reported one by one afterwards, slowly. One thread; no clock of its own.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/alert/held_back.h"
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
  std::map<std::string, Share> by_origin;  // capped
  std::uint64_t other_origins = 0;         // alerts of those past the cap
};

class StormFold {
 public:
  // Those that may be told at once, in order; the others are kept as counts.
  std::vector<Alert> pass(std::vector<Alert> alerts, Instant now);

  // The summary, once its window has ended; else nothing. It comes on top of what passes.
  std::vector<Alert> due(Instant now);
  // What was folded and still stands, as many as may be reported now. `standing`: the subjects of what does.
  std::vector<Alert> late(const std::set<std::string>& standing, Instant now);
  bool is_late_due(Instant now) const { return !held_.empty() && late_at_ <= now.monotonic; }
  // The summary before its time, for when the daemon stops.
  std::vector<Alert> finish(Instant now);
  // A storm under way, as texts for a file; none without one. restore() takes them up before the first
  // pass(): that storm is due at once. What it cannot read it leaves out.
  std::vector<std::string> save() const;
  void restore(const std::vector<std::string>& saved);
  // What was folded and may still stand.
  std::vector<Alert> held() const { return held_.all(); }
  std::size_t held_count() const { return held_.size(); }
  // When to call due() and late(); absent while nothing is folded.
  std::optional<MonotonicTime> next_due() const;

  std::uint64_t folded() const { return folded_; }

 private:
  struct Told {
    MonotonicTime at;
    std::string origin;
  };
  bool may_pass(std::size_t already) const;
  void forget_old(MonotonicTime now);
  void fold(const Alert& alert, const std::string& origin, bool told, MonotonicTime now);

  std::deque<Told> told_;                       // of the last window
  std::map<std::string, std::size_t> told_of_;  // the same, by origin
  std::optional<Storm> storm_;
  HeldBack held_;
  MonotonicTime late_at_{};
  std::uint64_t folded_ = 0;
};

}  // namespace sockwatch
