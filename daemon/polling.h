// SPDX-License-Identifier: Apache-2.0
// When what is polled: begins polls of both kinds when the schedule says so, works on them in short turns,
// takes in events between them, and says when polls are late or events are lost. What a poll found is the
// caller's. Loop thread only; connections are read on a thread of their own where start_thread() was called.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/reactor.h"
#include "daemon/worker.h"
#include "lib/base/clock.h"
#include "lib/base/repeated.h"
#include "lib/base/result.h"
#include "lib/model/event_source.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/namespace_roster.h"
#include "lib/monitor/poll_delay.h"
#include "lib/monitor/poll_schedule.h"
#include "lib/monitor/touring_source.h"

namespace sockwatch {

class Polling {
 public:
  // All of them outlive it.
  struct Parts {
    Monitor& monitor;
    EventFeed* feed = nullptr;  // null: polls alone
    // Of the listeners; null: only our own namespace is polled.
    TouringSource* tour = nullptr;
    NamespaceRoster* roster = nullptr;
  };
  struct Hooks {
    std::function<void(const Monitor::Finished&)> finished;
    // A part of the watching does not work, and why; or works again, and then nothing.
    std::function<void(const std::string& part, const std::optional<std::string>& why)> trouble;
  };
  Polling(Parts parts, const Clock& clock, const WatchSettings& settings, Hooks hooks);
  Polling(const Polling&) = delete;  // its timers know it
  Polling& operator=(const Polling&) = delete;

  Result<void> connect(Reactor& loop);
  // When the privileges are the final ones: they are a thread's.
  Result<void> start_thread(Reactor& loop);

  // A whole poll of the listeners. Whoever learns from it, or answers for it, does so before begin().
  Monitor::Finished first_poll();
  // From now on the loop polls.
  void begin();

  void configure(const WatchSettings& settings) { schedule_.configure(settings); }
  Duration interval(LookKind kind) const { return schedule_.interval(kind); }

 private:
  static std::size_t index(LookKind kind) { return static_cast<std::size_t>(kind); }
  void hear();
  void expect_more();
  void note_losses();
  std::string whose_losses() const;
  void turn(LookKind kind);
  void start(LookKind kind);
  bool advance(LookKind kind);
  void counted();
  void end(LookKind kind);
  void watch_delay(Duration gap);

  Parts parts_;
  const Clock& clock_;
  Hooks hooks_;
  PollSchedule schedule_;
  struct Turn {
    std::unique_ptr<Timer> timer;
    Instant started;
    Duration since_last{};  // from the start before to this one
    Duration cpu{};
    bool read = false;  // all that its source has
  };
  PerWord<LookKind, Turn> turns_;
  std::unique_ptr<Timer> events_timer_;
  std::uint64_t events_heard_ = 0;
  Duration hearing_cost_{};  // since the last poll
  std::uint64_t events_lost_ = 0;
  std::optional<Instant> last_loss_;
  Repeated losses_;
  PollDelay poll_delay_;
  std::unique_ptr<Worker> worker_;  // ends first: it uses the others
};

}  // namespace sockwatch
