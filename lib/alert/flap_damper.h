// SPDX-License-Identifier: Apache-2.0
// Keeps what happens again and again readable: what one owner does in one place flaps once it was reported
// five times within an hour. From then on its alerts are withheld and counted, and told in one: when it has
// been calm for ten minutes, or for an hour has not been, the last of them, which says how things stand; and
// what has stood for a minute at once. Somebody else in the same place is another. What was told and what was
// folded always add up to what came. One thread; no clock of its own.
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
  // The place that an alert is about and its owner, the same each time; empty for what never flaps.
  using KeyOf = std::function<std::string(const Alert&)>;
  explicit FlapDamper(KeyOf key_of) : key_of_(std::move(key_of)) {}

  // Those that may be told now, and the summaries that are due. To be called often, also with none.
  std::vector<Alert> pass(std::vector<Alert> alerts, Instant now);
  // All summaries before their time, for when the daemon stops.
  std::vector<Alert> finish(Instant now);

  // What is not told yet: it must not be lost where the daemon ends in another way.
  std::vector<Alert> withheld() const;

  std::uint64_t folded() const { return folded_; }

 private:
  struct Withheld {
    Alert alert;
    MonotonicTime since{};
  };
  struct Flap {
    std::deque<MonotonicTime> rounds;  // of the last hour, at most as many as make it flap
    bool damped = false;
    // While it is:
    MonotonicTime told{};                  // something of it
    MonotonicTime active{};                // the last alert
    std::map<std::string, Withheld> last;  // by subject: how things stand
    std::uint64_t folded = 0;              // those before them
  };
  void take(const std::string& key, Alert alert, Instant now);
  void withhold(const std::string& key, Alert alert, Instant now);
  void supersede(const Alert& alert, const std::string& key);
  static bool is_anything(const Withheld&, MonotonicTime);
  static bool has_stood(const Withheld& last, MonotonicTime now);
  void summarise(Flap& flap, Instant now, bool (*is_due)(const Withheld&, MonotonicTime));
  void tell(Flap& flap, Alert alert);

  KeyOf key_of_;
  std::map<std::string, Flap> flaps_;                 // by key
  std::map<std::string, std::string> withheld_from_;  // the key, by subject
  std::vector<Alert> told_;                           // of the call under way
  std::uint64_t folded_ = 0;
};

}  // namespace sockwatch
