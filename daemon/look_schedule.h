// SPDX-License-Identifier: Apache-2.0
// When the next look of each kind is due. Looks that cost more than their share of the CPU budget come less
// often; none is ever cut short. Pure.
#pragma once

#include "lib/base/clock.h"
#include "lib/config/settings.h"
#include "lib/model/view.h"

namespace sockwatch {

class LookSchedule {
 public:
  explicit LookSchedule(const WatchSettings& settings) : settings_(settings) {}

  void configure(const WatchSettings& settings) { settings_ = settings; }

  // An event source hears everything now, or does not: then looks alone find what opens.
  void rely_on_events(bool reliable) { events_reliable_ = reliable; }

  // A look has ended that used this much CPU time.
  void finished(LookKind kind, Duration cpu);

  // Time from the start of one look to the next.
  Duration interval(LookKind kind) const;
  // From the start of a look at the listeners to one that an event asks for: none in quiet times, and in a
  // storm never more than the configured interval.
  Duration rest_between_events() const;
  // The same when something waits to be confirmed.
  Duration interval_when_unsettled(LookKind kind) const;

 private:
  Duration affordable(LookKind kind) const;

  WatchSettings settings_;
  bool events_reliable_ = false;
  PerWord<LookKind, Duration> cost_{};
};

}  // namespace sockwatch
