// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/event_totals.h"

namespace sockwatch {

void count(const Delta& delta, Instant now, std::optional<Duration> since_last_look, Totals& totals) {
  const auto add = [&totals](Event event, VerdictKind verdict) {
    ++totals.events[static_cast<std::size_t>(event)][static_cast<std::size_t>(verdict)];
  };
  for (const Listener& opened : delta.opened) {
    // What was open before sockwatch started has not opened now.
    if (delta.cause == Cause::Baseline) continue;
    add(Event::ListenerOpened, opened.verdict.kind);
    Histogram& latency = totals.detection_latency[static_cast<std::size_t>(opened.seen_by)];
    if (opened.seen_by != EventSource::Poll) {
      latency.observe(now.monotonic - opened.opened.monotonic);
    } else if (since_last_look) {
      latency.observe(*since_last_look);
    }
  }
  for (const ListenerChange& change : delta.replaced) add(Event::ListenerReplaced, change.after.verdict.kind);
  // What ends, or is an upgrade, is told and not counted.
  for (const Transition& transition : delta.transitions) {
    if (transition.tone == AlertTone::Wrong) add(transition.event, transition.listener.verdict.kind);
  }
  for (const Listener& closed : delta.closed) add(Event::ListenerClosed, closed.verdict.kind);
  for (std::size_t i = 0; i < delta.missing.size(); ++i) add(Event::ListenerMissing, VerdictKind::Unexpected);
  if (!delta.learned.empty()) add(Event::BaselineLearned, VerdictKind::Expected);
}

}  // namespace sockwatch
