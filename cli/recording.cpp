// SPDX-License-Identifier: Apache-2.0
#include "cli/recording.h"

#include <utility>

#include "cli/connection_list.h"
#include "lib/alert/gate.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/replay_source.h"
#include "lib/policy/allow.h"

namespace sockwatch {
namespace {

constexpr const char* kNoSuchLook = "the recording holds no look at them";

// What the last look of each kind found.
struct Recorded {
  std::vector<Listener> listeners;
  std::vector<Unseen> listeners_unseen{{"listeners", kNoSuchLook}};
  std::vector<SocketRecord> connections;
  std::vector<Unseen> connections_unseen{{"connections", kNoSuchLook}};
};

Recorded play(ReplaySource& recording, const Setup& setup) {
  Recorded recorded;
  Monitor monitor({&recording, &recording}, make_replay_pipeline(setup));
  RecordedClock clock;
  std::optional<Instant> first_look;
  while (const auto next = recording.next()) {
    clock.set(next->time);
    if (next->kind == LookKind::Listeners) {
      (void)monitor.look(LookKind::Listeners, clock);  // the monitor keeps what it found
      if (!first_look) first_look = next->time;
      recorded.listeners_unseen = monitor.unseen();
    } else {
      ConnectionList list;
      list.collect(recording, next->time);
      recorded.connections = list.take();
      recorded.connections_unseen = recording.report().unseen;
    }
  }
  recorded.listeners = monitor.pipeline().ledger().listeners();
  if (first_look) forget_unknown_first_seen(recorded.listeners, *first_look);
  return recorded;
}

}  // namespace

Result<Look> look_at_recording(const std::string& file, const Setup& setup, Depth depth) {
  auto source = ReplaySource::open(file, setup.settings().watch.families);
  if (!source.ok()) return source.error();
  Recorded recorded = play(**source, setup);
  std::vector<Unseen> unseen = std::move(recorded.listeners_unseen);
  std::optional<std::vector<SocketRecord>> connections;
  if (depth != Depth::Listeners) {
    connections = std::move(recorded.connections);
    unseen.insert(unseen.end(), recorded.connections_unseen.begin(), recorded.connections_unseen.end());
  }
  if ((*source)->cut_short())
    unseen.push_back({"end of the recording", "it is cut short, its last message is left out"});
  if (!(*source)->damage().empty()) unseen.push_back({"recording", (*source)->damage()});
  Look look = put_together(std::move(recorded.listeners), std::move(connections), setup.services);
  if (depth == Depth::Counted) look.connections.clear();
  look.source = SocketSource::Replay;
  look.unseen = std::move(unseen);
  return look;
}

Result<RecordedAlerts> alerts_in_recording(const std::string& file, const Setup& setup) {
  auto source = ReplaySource::open(file, setup.settings().watch.families);
  if (!source.ok()) return source.error();
  ReplaySource& recording = **source;
  Pipeline pipeline = make_replay_pipeline(setup);
  if (setup.settings().policy.first_run == FirstRun::Learn) pipeline.learn_at_first_look();
  Monitor monitor({&recording, &recording}, std::move(pipeline));
  Gate gate(allow_lines);
  RecordedClock clock;
  RecordedAlerts told{{}, recording.cut_short(), recording.damage()};
  while (const auto next = recording.next()) {
    clock.set(next->time);
    for (Alert& alert : gate.offer(monitor.look(next->kind, clock).delta))
      told.alerts.push_back(std::move(alert));
  }
  return told;
}

}  // namespace sockwatch
