// SPDX-License-Identifier: Apache-2.0
// What is done with what is watched: polled, judged, reported, published and remembered. On any loop, clock
// and source: App gives it the real ones, tests give it theirs. Loop thread only.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/alerting.h"
#include "daemon/keeper.h"
#include "daemon/polling.h"
#include "daemon/publishing.h"
#include "daemon/reactor.h"
#include "daemon/saver.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/setup.h"
#include "lib/web/view_board.h"

namespace sockwatch {

class Daemon {
 public:
  // All that is referred to outlives it.
  struct Surroundings {
    const Clock& clock;
    Reactor& loop;
    ViewBoard& board;
    std::string state_dir;
    std::string proc_root;
    // From the settings in force; the rest as Alerting::MakeSinks has it.
    std::function<Alerting::Sinks(const Settings& settings, std::function<void()> notify,
                                  std::function<std::set<std::string>()> standing)>
        make_sinks;
  };
  Daemon(Surroundings surroundings, Setup setup);
  Daemon(const Daemon&) = delete;  // its parts know each other
  Daemon& operator=(const Daemon&) = delete;

  // In this order, each once. Before anything that could notify:
  Result<void> connect();
  // What earlier runs knew, or that it cannot be had. Nothing is sent yet.
  void recall(Pipeline& pipeline, NamespaceId host);
  struct Watched {
    Monitor::Sources sources;
    EventFeed* feed = nullptr;
    TouringSource* tour = nullptr;
    NamespaceRoster* roster = nullptr;
    OwnerSource owners = OwnerSource::Proc;
    std::function<SocketFacts()> facts;
    std::function<void(PerWord<ConnectionSource, bool>&)> counted;  // by what; may be null
    std::function<std::set<std::string>()> standing_elsewhere;      // may be null
    std::function<void()> published;
  };
  void watch(Pipeline pipeline, Watched watched);
  void expect_only(std::span<const OwnSocket> own);
  // Timers and threads, when the privileges are the final ones.
  Result<void> start(bool connections_on_a_thread);
  // Learns, saves, reports and publishes; from then on the loop polls.
  void first_poll();

  // All or nothing: a mistake anywhere leaves what is in force as it is.
  void reload(Result<Setup> fresh);
  void report(std::vector<Alert> alerts) { alerting_.report(std::move(alerts)); }
  // Reports and saves what is left.
  void stop();

  std::string status() const { return publishing_->status(); }
  const Setup& setup() const { return setup_; }

 private:
  void finished(const Monitor::Finished& finished);
  void adopt(Setup fresh);
  std::set<std::string> standing_elsewhere() const;
  Keeper::Kept to_keep() const;
  void note_saving(const Result<void>& saved);

  Setup setup_;
  Surroundings around_;
  Watched watched_;
  Keeper keeper_;
  Alerting alerting_;
  std::optional<Monitor> monitor_;
  Saver saver_;
  std::optional<Polling> polling_;
  std::optional<Publishing> publishing_;
  bool is_first_ = true;
};

}  // namespace sockwatch
