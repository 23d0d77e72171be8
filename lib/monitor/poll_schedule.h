// SPDX-License-Identifier: Apache-2.0
// When the next poll of each kind is due, and how many other network namespaces it visits. What costs more
// than its share of the CPU budget comes less often, and none is ever cut short. Listeners of our own
// namespace come first, then those of the others, then connections: a machine made busy on purpose must not
// blind us. Pure.
#pragma once

#include <cstddef>

#include "lib/base/clock.h"
#include "lib/config/settings.h"
#include "lib/model/view.h"

namespace sockwatch {

class PollSchedule {
 public:
  explicit PollSchedule(const WatchSettings& settings) : settings_(settings) {}

  void configure(const WatchSettings& settings) { settings_ = settings; }

  // An event source reports everything now, or does not: then polls alone find what opens.
  void rely_on_events(bool reliable) { events_reliable_ = reliable; }
  bool relies_on_events() const { return events_reliable_; }

  // A poll has ended that used this much CPU time; one of the listeners in our own namespace.
  void finished(LookKind kind, Duration cpu);
  // That poll has visited so many other namespaces, for this much.
  void visited(std::size_t namespaces, Duration cpu);

  // Time from the start of one poll to the next.
  Duration interval(LookKind kind) const;
  // From the start of a poll of the listeners to one that an event asks for: none in quiet times, and in a
  // storm never more than the configured interval.
  Duration rest_between_events() const;
  // The same when something waits to be confirmed.
  Duration interval_when_unsettled(LookKind kind) const;

  // Of so many other namespaces, how many shall be visited by a poll of the listeners that begins so long
  // after the last one.
  std::size_t visits(std::size_t namespaces, Duration since_last) const;
  // What begins to listen is polled within this time, whatever that costs, as long as the machine keeps up
  // and has not more namespaces than can be visited meanwhile.
  Duration promised() const;

 private:
  Duration affordable(LookKind kind) const;
  double share_of_listeners() const;

  WatchSettings settings_;
  bool events_reliable_ = false;
  PerWord<LookKind, Duration> cost_{};
  Duration cost_of_visit_{};
  Duration cost_of_tour_{};  // all visits of one poll
};

}  // namespace sockwatch
