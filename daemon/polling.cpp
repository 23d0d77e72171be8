// SPDX-License-Identifier: Apache-2.0
#include "daemon/polling.h"

#include <algorithm>
#include <utility>

#include "lib/base/log.h"

namespace sockwatch {
namespace {

// In a burst the source wakes us once and expects to be asked again; past its burst window it wakes us anew.
constexpr Duration kEventsSettle = std::chrono::milliseconds(60);

// Under a flood the loop has as much time for the rest as for events.
constexpr Duration kHearAtOnce = std::chrono::milliseconds(5);
constexpr Duration kHearOn = std::chrono::milliseconds(5);

// A poll goes on for so long at a time, and a part more.
constexpr Duration kTurn = std::chrono::milliseconds(4);

constexpr Duration kTrustAfterLoss = std::chrono::minutes(1);

// Datagrams a part of a poll is, 32 KiB each, up to half a millisecond; a visit to another namespace is some
// of them. In a poll of a million connections signals, alerts and the other poll, or the end, get their turn
// hundreds of times.
constexpr PerWord<LookKind, int> kDatagramsPerPart = {8, 16};

constexpr const char* kEventsPart = "events";
constexpr const char* kPollsPart = "polls of listeners in time";

std::string in_seconds(Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

Polling::Polling(Parts parts, const Clock& clock, const WatchSettings& settings, Hooks hooks)
    : parts_(parts), clock_(clock), hooks_(std::move(hooks)), schedule_(settings) {
  if (parts_.feed == nullptr) return;
  parts_.monitor.follow(*parts_.feed);
  schedule_.rely_on_events(parts_.feed->hears_everything());
}

Result<void> Polling::connect(Reactor& loop) {
  for (const LookKind kind : all_of<LookKind>()) {
    auto timer = loop.add_timer([this, kind] { turn(kind); });
    if (!timer.ok()) return timer.error();
    turns_[index(kind)].timer = *std::move(timer);
  }
  auto hearing = loop.add_timer([this] { hear(); });
  if (!hearing.ok()) return hearing.error();
  events_timer_ = *std::move(hearing);
  if (parts_.feed == nullptr) return {};
  return loop.on_readable(parts_.feed->fd(), [this] { hear(); });
}

Result<void> Polling::start_thread(Reactor& loop) {
  auto bell = loop.add_bell([this] { counted(); });
  if (!bell.ok()) return bell.error();
  constexpr LookKind kind = LookKind::Connections;
  auto worker = Worker::start(
      "connections", [this] { return parts_.monitor.work(kind, kDatagramsPerPart[index(kind)]); },
      *std::move(bell));
  if (!worker.ok()) return worker.error();
  worker_ = *std::move(worker);
  return {};
}

Monitor::Finished Polling::first_poll() {
  turns_[index(LookKind::Listeners)].started = clock_.now();
  Monitor::Finished first = parts_.monitor.look(LookKind::Listeners, clock_);
  expect_more();
  note_losses();
  return first;
}

void Polling::begin() {
  turns_[index(LookKind::Listeners)].timer->arm(schedule_.interval(LookKind::Listeners));
  turns_[index(LookKind::Connections)].timer->arm(Duration(0));
}

// Whatever an event says, a poll of the kernel says the rest: it comes at once, and once more when events
// have ceased, because the first is reported before the kernel has quite finished.
void Polling::hear() {
  const Duration before = thread_cpu_time();
  const bool more = parts_.monitor.hear(kHearAtOnce);
  hearing_cost_ += thread_cpu_time() - before;
  note_losses();
  expect_more();
  if (more) events_timer_->arm(kHearOn);
  Turn& turn = turns_[index(LookKind::Listeners)];
  turn.timer->arm_no_later(turn.started.monotonic + schedule_.rest_between_events() - clock_.now().monotonic);
}

// Also where a poll, and not a wake-up, has found it waiting.
void Polling::expect_more() {
  if (parts_.monitor.heard() == events_heard_) return;
  events_heard_ = parts_.monitor.heard();
  events_timer_->arm(kEventsSettle);
}

// Who sends more than there are places for is the first to be asked.
std::string Polling::whose_losses() const {
  std::optional<EventLoss> most = parts_.feed->lost_most();
  const std::optional<EventLoss> ours = parts_.monitor.pipeline().events_lost_most();
  if (!most || (ours && ours->events > most->events)) most = ours;
  if (!most) return {};
  return "; most of all, " + std::to_string(most->events) + ", of user " + std::to_string(most->uid);
}

// After a loss polls alone are relied on, until the source has kept up for a while.
void Polling::note_losses() {
  if (parts_.feed == nullptr) return;
  const Instant now = clock_.now();
  const std::uint64_t lost = parts_.feed->lost() + parts_.monitor.pipeline().events_overflowed();
  if (lost != events_lost_) {
    const std::string news =
        std::to_string(lost - events_lost_) + " events lost; looking instead" + whose_losses();
    if (const auto said = losses_.say(now.monotonic, news)) log::warning(*said);
    parts_.monitor.lost_events(parts_.feed->kind(), lost);
    events_lost_ = lost;
    last_loss_ = now;
    hooks_.trouble(kEventsPart, news);
  }
  const bool kept_up = !last_loss_ || now.monotonic - last_loss_->monotonic > kTrustAfterLoss;
  schedule_.rely_on_events(parts_.feed->hears_everything() && kept_up);
  if (kept_up && last_loss_) hooks_.trouble(kEventsPart, std::nullopt);
}

// One wake-up for one kind of poll: begins it when it is due, works on it for a moment, and says when to come
// again. Connections are the worker's.
void Polling::turn(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  if (!parts_.monitor.busy(kind)) {
    if (!parts_.monitor.can_start(kind)) {
      parts_.monitor.skipped(kind);
      return turn.timer->arm(schedule_.interval(kind));
    }
    start(kind);
    if (kind == LookKind::Connections && worker_) return worker_->begin();
  }
  const Duration cpu_before = thread_cpu_time();
  const MonotonicTime stop = clock_.now().monotonic + kTurn;
  bool more = true;
  while (more && clock_.now().monotonic < stop) more = advance(kind);
  turn.cpu += thread_cpu_time() - cpu_before;
  // Its end is a turn of its own where there was much to do.
  const bool goes_on = more || clock_.now().monotonic >= stop;
  goes_on ? turn.timer->arm(Duration(0)) : end(kind);
}

void Polling::start(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  const Instant now = clock_.now();
  turn.since_last = now.monotonic - turn.started.monotonic;
  turn.started = now;
  turn.cpu = {};
  turn.read = false;
  if (kind == LookKind::Listeners && parts_.roster != nullptr)
    parts_.tour->visit_at_most(schedule_.visits(parts_.roster->watched(), turn.since_last));
  parts_.monitor.start(kind, now);
}

// A part of a poll; false when only its end is left.
bool Polling::advance(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  if (turn.read) return parts_.monitor.prepare(kind);
  turn.read = !parts_.monitor.work(kind, kDatagramsPerPart[index(kind)]);
  return true;
}

void Polling::counted() {
  turns_[index(LookKind::Connections)].cpu = worker_->end();
  end(LookKind::Connections);
}

void Polling::end(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  const Duration cpu_before = thread_cpu_time();
  const Monitor::Finished finished = parts_.monitor.finish(kind, clock_);
  expect_more();
  note_losses();
  hooks_.finished(finished);
  turn.cpu += thread_cpu_time() - cpu_before;
  if (kind == LookKind::Listeners) {
    const TouringSource::Visits visits =
        parts_.tour != nullptr ? parts_.tour->visits() : TouringSource::Visits();
    turn.cpu += std::exchange(hearing_cost_, Duration(0)) - visits.cpu;
    schedule_.visited(visits.count, visits.cpu);
    watch_delay(turn.since_last);
  }
  schedule_.finished(kind, turn.cpu);
  const bool soon = kind == LookKind::Listeners && parts_.monitor.pipeline().unsettled();
  const Duration interval = soon ? schedule_.interval_when_unsettled(kind) : schedule_.interval(kind);
  turn.timer->arm(interval - (clock_.now().monotonic - turn.started.monotonic));
}

// Where events report what opens, polls only check.
void Polling::watch_delay(Duration gap) {
  if (schedule_.relies_on_events()) gap = Duration(0);
  if (parts_.roster != nullptr && !schedule_.relies_on_events())
    gap = std::max(gap, parts_.roster->longest_unvisited(clock_.now()));
  switch (poll_delay_.polled(gap, schedule_.promised())) {
    case PollDelay::Change::None:
      break;
    case PollDelay::Change::Behind:
      hooks_.trouble(kPollsPart, "something may be open for " + in_seconds(gap) +
                                     " s before it is polled, instead of " +
                                     in_seconds(schedule_.promised()) +
                                     " s: this machine is too busy, or has too many network namespaces");
      break;
    case PollDelay::Change::InTime:
      hooks_.trouble(kPollsPart, std::nullopt);
  }
}

}  // namespace sockwatch
