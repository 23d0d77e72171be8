// SPDX-License-Identifier: Apache-2.0
// A source and the pipeline behind it, made one: looks are started, worked on in steps, and end in a delta.
// What the daemon's loop turns, and what a command that looks once uses. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/lazy.h"
#include "lib/model/delta.h"
#include "lib/model/source.h"
#include "lib/model/view.h"
#include "lib/monitor/namespace_roster.h"
#include "lib/watch/connection_fold.h"
#include "lib/watch/intake.h"
#include "lib/watch/pipeline.h"
#include "lib/watch/snapshot_builder.h"

namespace sockwatch {

class Monitor {
 public:
  // One source a kind of look, or one for both: then a look of one kind waits for that of the other. They
  // must outlive the monitor.
  using Sources = PerWord<LookKind, Source*>;
  Monitor(Sources sources, Pipeline pipeline) : sources_(sources), pipeline_(std::move(pipeline)) {}
  Monitor(const Monitor&) = delete;  // its event sink knows its pipeline
  Monitor& operator=(const Monitor&) = delete;

  bool busy(LookKind kind) const { return looking_[index(kind)].has_value(); }
  bool can_start(LookKind kind) const;
  // Begins a look. Only while can_start().
  void start(LookKind kind, Instant now);

  struct Finished {
    LookKind kind;
    LookResult result;
    Delta delta;
  };
  // Works on about `datagrams` datagrams of a look under way. Nothing while there is more to do.
  std::optional<Finished> step(LookKind kind, int datagrams, const Clock& clock);
  // The parts of it: true while there is more to read; true while there is more to prepare, some milliseconds
  // a call; and then the rest. Reading for one kind may be done on another thread meanwhile: it touches
  // nothing but that kind's source.
  bool work(LookKind kind, int datagrams);
  bool prepare(LookKind kind);
  Finished finish(LookKind kind, const Clock& clock);
  // A whole look, however long it takes.
  Finished look(LookKind kind, const Clock& clock);

  // A look that was due and could not begin.
  void skipped(LookKind kind) { ++looks(kind).polls[index(LookResult::Skipped)]; }

  // Counts what every machine has very many of, and what is more than so many sockets, instead of keeping it:
  // see Intake. Without this everything is kept.
  void keep_at_most(std::size_t sockets) {
    intake_ ? intake_->set_limit(sockets) : static_cast<void>(intake_.emplace(sockets));
  }

  // What an event source tells. The next look joins it with what the kernel shows.
  EventSink& events() { return events_; }
  // Hears this one from now on; it must outlive the monitor.
  void follow(EventFeed& feed) { feed_ = &feed; }
  // See Pipeline::expect_only().
  void expect_only(std::span<const OwnSocket> own) { pipeline_.expect_only(own); }
  // What events of other namespaces are worth, and how many there are; it must outlive the monitor.
  void watch_namespaces(NamespaceRoster& roster) { events_.roster = &roster; }
  // Takes in what it has to tell, for so much CPU time and a part more. True where something may still wait.
  bool hear(Duration cpu);
  // Grows whenever something has waited, for hear() or during a look; also events that are none of ours.
  std::uint64_t heard() const { return heard_; }
  void lost_events(EventSource source, std::uint64_t total) { totals_.events_lost[index(source)] = total; }

  Delta reload(Policy policy, PipelineSettings settings, ServiceTable services, Instant now);

  // Everything a reader may see that the monitor knows; alerts and configuration are the caller's to add.
  View view(Instant now);
  Memory memory() const { return {pipeline_.learned(), pipeline_.ledger().listeners_and_gone()}; }
  const Pipeline& pipeline() const { return pipeline_; }
  // What the last look of each kind could not see, and what none can.
  std::vector<Unseen> unseen() const;
  const std::vector<Unseen>& unseen(LookKind kind) const { return unseen_[index(kind)]; }

 private:
  template <typename E>
  static constexpr std::size_t index(E value) {
    return static_cast<std::size_t>(value);
  }
  LookTotals& looks(LookKind kind) { return totals_.looks[index(kind)]; }
  bool hear_part();
  void take_records();
  Delta finish_listeners(Instant started, const Clock& clock);
  Delta finish_connections(Instant now);
  void count_crowd();
  void count_deferred();
  void hash(const ListenerList& listeners, Instant now);

  struct Events final : EventSink {
    explicit Events(Pipeline& to) : pipeline(to) {}
    void accept(const SocketEvent& told) override {
      SocketEvent event = told;
      if (roster == nullptr || roster->place(event)) pipeline.take(std::move(event));
    }
    Pipeline& pipeline;
    NamespaceRoster* roster = nullptr;
  };

  Sources sources_;
  Pipeline pipeline_;
  Events events_{pipeline_};
  EventFeed* feed_ = nullptr;
  std::uint64_t heard_ = 0;
  PerWord<LookKind, std::optional<Instant>> looking_;  // since when
  Snapshot* prepared_ = nullptr;                       // of the look under way, once it is read
  std::optional<Intake> intake_;
  CrowdCounts crowd_;
  SnapshotBuilder snapshot_;
  ConnectionFold fold_;
  PerWord<LookKind, std::vector<Unseen>> unseen_;
  Totals totals_;
  struct Hashes {
    std::optional<std::uint64_t> generation;  // of the ledger
    MonotonicTime made{};
    Lazy<std::string> set;
    Lazy<std::string> revision;
  };
  Hashes hashes_;
  std::string policy_hash_;  // empty: to be made anew
};

}  // namespace sockwatch
