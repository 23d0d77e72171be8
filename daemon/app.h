// SPDX-License-Identifier: Apache-2.0
// The running daemon: owns every part in the order it is built, and connects them. Sources feed the monitor,
// its deltas go through the gate to the sinks, its views to the HTTP thread. All but that thread, and the one
// that counts connections, run on the loop.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/alert/degradation.h"
#include "lib/monitor/event_choice.h"
#include "daemon/event_loop.h"
#include "daemon/hidden_watch.h"
#include "daemon/keeper.h"
#include "lib/monitor/poll_schedule.h"
#include "daemon/options.h"
#include "lib/monitor/poll_delay.h"
#include "daemon/saver.h"
#include "daemon/worker.h"
#include "lib/alert/delivery.h"
#include "lib/alert/gate.h"
#include "lib/alert/recent_alerts.h"
#include "lib/base/clock.h"
#include "lib/base/repeated.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/namespace_roster.h"
#include "lib/monitor/setup.h"
#include "lib/monitor/touring_source.h"
#include "lib/web/http_server.h"
#include "lib/web/view_board.h"

namespace sockwatch {

class App {
 public:
  // Everything that can fail at start fails here, with one line for a person.
  static Result<std::unique_ptr<App>> start(Options options, Setup setup);

  // Until SIGTERM or SIGINT. Returns the exit code.
  int run();

 private:
  static std::size_t index(LookKind kind) { return static_cast<std::size_t>(kind); }

  App(Options options, Setup setup);

  Result<void> open_loop();
  Result<void> open_sources();
  Result<void> open_monitor();
  void recall(Pipeline& pipeline, Result<std::optional<Memory>> memory);
  Result<void> first_look();
  Result<void> open_hidden_watch();
  Result<void> open_events();
  Result<void> narrow();
  Result<void> serve();
  Result<void> connect_loop();
  Result<void> start_workers();
  Result<void> start_hidden_watch();

  void hear();
  void expect_more();
  void note_losses();
  std::string whose_losses() const;
  void turn(LookKind kind);
  void begin(LookKind kind);
  bool advance(LookKind kind);
  void counted();
  void end(LookKind kind);
  void finished(const Monitor::Finished& finished);
  void queue(std::vector<Alert> alerts);
  void catch_up();
  void tell(std::vector<Alert> alerts);
  void say_what_is_not_watched() const;
  void say_what_cannot_be_seen(const FamilySight& sight);
  void note_counting();
  std::set<std::string> standing() const;
  void watch_health(LookKind kind, Instant now);
  void watch_delay(Duration gap);
  std::size_t out_of_sight() const;
  void publish(Instant now);
  void reload();
  Keeper::Kept to_keep() const;
  void note_saving(const Result<void>& saved);
  void stop();

  // Datagrams a part of a look is, 32 KiB each, up to half a millisecond; a visit to another namespace is
  // some of them. In a look at a million connections signals, alerts and the other look, or the end, get
  // their turn hundreds of times.
  static constexpr PerWord<LookKind, int> kDatagramsPerPart = {8, 16};
  // What is degraded where events were lost, where the state file cannot be read, and where it cannot be
  // written.
  static constexpr const char* kEventsPart = "events";
  static constexpr const char* kMemoryPart = "what earlier runs knew";
  static constexpr const char* kSavingPart = "what later runs shall know";
  static constexpr const char* kPollsPart = "polls of listeners in time";

  Options options_;
  Setup setup_;
  SystemClock clock_;
  EventLoop loop_;
  // One a kind of look, each used by its thread alone; null: our own namespace alone.
  PerWord<LookKind, std::unique_ptr<NamespaceRoster>> rosters_;
  // The worker's as the source that uses it; null while recording, which is of netlink's messages.
  std::unique_ptr<ConnectionCounting> counting_;
  PerWord<LookKind, std::unique_ptr<TouringSource>> sources_;
  PerWord<ConnectionSource, bool> connection_sources_{};  // of the last look
  std::string counting_trouble_;                          // as told
  OwnerSource owner_source_ = OwnerSource::Proc;
  std::optional<Monitor> monitor_;
  std::unique_ptr<EventFeed> events_;  // null: polls alone
  std::uint64_t events_heard_ = 0;
  Duration hearing_cost_{};  // since the last look
  PollDelay poll_delay_;
  std::uint64_t events_lost_ = 0;
  std::optional<Instant> last_loss_;
  Repeated losses_;
  Reactor::Bell bell_;
  Gate gate_;
  PerWord<LookKind, Degradation> degradation_;
  RecentAlerts recent_alerts_;
  Delivery delivery_;
  Keeper keeper_;
  ViewBoard board_;
  std::unique_ptr<HttpServer> server_;

  PollSchedule schedule_;
  struct Turn {
    std::unique_ptr<Timer> timer;
    Instant started;
    Duration since_last{};  // from the start before to this one
    Duration cpu{};
    bool read = false;  // all that its source has
  };
  PerWord<LookKind, Turn> turns_;
  std::unique_ptr<Worker> worker_;  // of looks at the connections; none where a recording is written
  Saver saver_;                     // after all that it takes from: its thread ends first
  std::unique_ptr<HiddenWatch> hidden_watch_;  // null: off, or a recording is written
  std::unique_ptr<Timer> events_timer_;
  std::unique_ptr<Timer> delivery_timer_;
  std::optional<Instant> published_;
  ConfigStatus config_status_;
  std::set<std::string> said_;  // what cannot be seen
};

}  // namespace sockwatch
