// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/event_totals.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

Listener judged(std::string exe, VerdictKind verdict) {
  Listener made = listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 1));
  made.verdict.kind = verdict;
  made.annotation.owner.holders = {{{1, 1}, "x", std::move(exe), 0}};
  return made;
}

const Instant kNow{MonotonicTime(10s), {}};

std::uint64_t events(const Totals& totals, Event event, VerdictKind verdict) {
  return totals.events[static_cast<std::size_t>(event)][static_cast<std::size_t>(verdict)];
}

TEST(EventTotals, counts_by_event_and_verdict) {
  Delta delta;
  delta.opened = {judged("/a", VerdictKind::Unexpected)};
  delta.closed = {judged("/a", VerdictKind::Expected), judged("/a", VerdictKind::Ignored)};
  delta.missing = {{"ssh", "p.toml:1", Severity::Warning, {}}};
  Totals totals;
  count(delta, kNow, 250ms, totals);
  EXPECT_EQ(events(totals, Event::ListenerOpened, VerdictKind::Unexpected), 1U);
  EXPECT_EQ(events(totals, Event::ListenerClosed, VerdictKind::Expected), 1U);
  EXPECT_EQ(events(totals, Event::ListenerClosed, VerdictKind::Ignored), 1U);
  EXPECT_EQ(events(totals, Event::ListenerMissing, VerdictKind::Unexpected), 1U);
}

TEST(EventTotals, a_replacement_by_another_owner_counts_as_both) {
  Delta delta;
  delta.replaced = {{judged("/a", VerdictKind::Expected), judged("/a", VerdictKind::Expected)},
                    {judged("/a", VerdictKind::Expected), judged("/b", VerdictKind::Unexpected)}};
  const Listener& after = delta.replaced[1].after;
  delta.transitions = {{Event::OwnerChanged, AlertTone::Wrong, after, delta.replaced[1].before},
                       {Event::OwnerChanged, AlertTone::Right, after, after}};
  Totals totals;
  count(delta, kNow, std::nullopt, totals);
  EXPECT_EQ(events(totals, Event::ListenerReplaced, VerdictKind::Expected), 1U);
  EXPECT_EQ(events(totals, Event::ListenerReplaced, VerdictKind::Unexpected), 1U);
  EXPECT_EQ(events(totals, Event::OwnerChanged, VerdictKind::Unexpected), 1U);
  EXPECT_EQ(events(totals, Event::OwnerChanged, VerdictKind::Expected), 0U);
}

TEST(EventTotals, second_owners_and_plaintext_count_by_verdict) {
  Delta delta;
  const Listener first = judged("/a", VerdictKind::Expected);
  delta.transitions = {{Event::SecondOwner, AlertTone::Wrong, judged("/b", VerdictKind::Unexpected), first},
                       {Event::SecondOwner, AlertTone::Right, judged("/b", VerdictKind::Unexpected), first},
                       {Event::PlaintextExposed, AlertTone::Wrong, first},
                       {Event::PlaintextExposed, AlertTone::Right, first}};
  Totals totals;
  count(delta, kNow, std::nullopt, totals);
  EXPECT_EQ(events(totals, Event::SecondOwner, VerdictKind::Unexpected), 1U);
  EXPECT_EQ(events(totals, Event::PlaintextExposed, VerdictKind::Expected), 1U);
}

TEST(EventTotals, what_was_open_before_the_start_has_not_opened_now) {
  Delta delta;
  delta.cause = Cause::Baseline;
  delta.opened = delta.learned = {judged("/a", VerdictKind::Expected)};
  Totals totals;
  count(delta, kNow, std::nullopt, totals);
  EXPECT_EQ(events(totals, Event::ListenerOpened, VerdictKind::Expected), 0U);
  EXPECT_EQ(events(totals, Event::BaselineLearned, VerdictKind::Expected), 1U);
}

TEST(EventTotals, latency_is_bounded_by_the_time_between_two_looks) {
  Delta delta;
  delta.opened = {judged("/a", VerdictKind::Unexpected)};
  Totals totals;
  count(delta, kNow, 250ms, totals);
  EXPECT_DOUBLE_EQ(totals.detection_latency[static_cast<std::size_t>(EventSource::Poll)].sum, 0.25);
}

TEST(EventTotals, latency_is_exact_where_an_event_told_of_the_opening) {
  Delta delta;
  delta.opened = {judged("/a", VerdictKind::Unexpected)};
  delta.opened[0].seen_by = EventSource::Bpf;
  delta.opened[0].opened.monotonic = kNow.monotonic - 3ms;
  delta.time.monotonic = kNow.monotonic - 5ms;  // it opened while the look went on
  Totals totals;
  count(delta, kNow, 250ms, totals);
  EXPECT_DOUBLE_EQ(totals.detection_latency[static_cast<std::size_t>(EventSource::Bpf)].sum, 0.003);
  EXPECT_DOUBLE_EQ(totals.detection_latency[static_cast<std::size_t>(EventSource::Poll)].sum, 0);
}

TEST(EventTotals, short_lived_listeners_count_by_verdict) {
  Delta delta;
  for (const VerdictKind verdict : {VerdictKind::Unexpected, VerdictKind::Ignored})
    delta.transitions.push_back({Event::ListenerShortLived, AlertTone::Wrong, judged("/a", verdict)});
  Totals totals;
  count(delta, kNow, std::nullopt, totals);
  EXPECT_EQ(events(totals, Event::ListenerShortLived, VerdictKind::Unexpected), 1U);
  EXPECT_EQ(events(totals, Event::ListenerShortLived, VerdictKind::Ignored), 1U);
  EXPECT_EQ(events(totals, Event::ListenerOpened, VerdictKind::Unexpected), 0U);
}

}  // namespace
}  // namespace sockwatch
