// SPDX-License-Identifier: Apache-2.0
// Keeps what happens again and again readable: a listener of one identity in one place that was told of five
// times within an hour flaps. From then on its alerts are withheld and counted, and told in one: when it has
// been calm for ten minutes, or for an hour has not been, the last of them, which says how things stand. What
// was told and what was folded always add up to what came. One thread; no clock of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/event.h"

namespace sockwatch {

class FlapDamper {
 public:
  // What an alert is about, the same each time; empty for what never flaps.
  using PlaceOf = std::function<std::string(const Alert&)>;
  explicit FlapDamper(PlaceOf place_of) : place_of_(std::move(place_of)) {}

  // Those that may be told now, and the summaries that are due. To be called often, also with none.
  std::vector<Alert> pass(std::vector<Alert> alerts, Instant now);
  // All summaries before their time, for when the daemon stops.
  std::vector<Alert> finish(Instant now);

  std::uint64_t folded() const { return folded_; }

 private:
  struct Flap {
    std::deque<MonotonicTime> rounds;  // of the last hour, at most as many as make it flap
    bool damped = false;
    // While it is:
    MonotonicTime told{};               // something of it
    MonotonicTime active{};             // the last alert
    std::map<std::string, Alert> last;  // by subject, not told yet: how things stand
    std::uint64_t folded = 0;           // those before them
  };
  void take(Flap& flap, Alert alert, Instant now);
  void withhold(Flap& flap, Alert alert, Instant now);
  void summarise(Flap& flap, Instant now);

  PlaceOf place_of_;
  std::map<std::string, Flap> flaps_;
  std::vector<Alert> told_;  // of the call under way
  std::uint64_t folded_ = 0;
};

}  // namespace sockwatch
