// SPDX-License-Identifier: Apache-2.0
#include "daemon/one_look.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "daemon/publishing.h"
#include "lib/alert/gate.h"
#include "lib/alert/sinks/stderr.h"
#include "lib/base/log.h"
#include "lib/metrics/page.h"
#include "lib/monitor/build.h"
#include "lib/monitor/live_source.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/replay_source.h"
#include "lib/monitor/touring_source.h"
#include "lib/policy/allow.h"
#include "lib/procfs/ancestry.h"
#include "lib/state/state_file.h"

namespace sockwatch {
namespace {

class Teller {
 public:
  explicit Teller(Gate::ParentsText parents = nullptr) : gate_(allow_lines, std::move(parents)) {}

  void tell(const Delta& delta) {
    for (const Alert& alert : gate_.offer(delta)) {
      const std::string line = sink_.render(alert);
      while (sink_.send(line) == SendOutcome::TryAgain)
        (void)::usleep(1000);  // nothing else waits for us here
      ++alerts_.sent[static_cast<std::size_t>(alert.event)];
    }
  }
  Gate& gate() { return gate_; }
  const AlertTotals& totals() const { return alerts_; }

 private:
  Gate gate_;
  StderrSink sink_{STDERR_FILENO};
  AlertTotals alerts_;
};

Result<void> print_metrics(View view, const AlertTotals& alerts, const ProcessStats& process,
                           const Setup& setup) {
  view.alerts = alerts;
  const MetricsLimits limits{.max_series = setup.settings().metrics.max_series};
  DropCounters drops;  // of the only page
  return print(render_metrics(view, process, build_info(), view.time, limits, drops));
}

void learn_if_wanted(Pipeline& pipeline, const Setup& setup) {
  if (setup.settings().policy.first_run == FirstRun::Learn) pipeline.learn_at_first_look();
}

}  // namespace

Result<void> print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return Error::from_errno("write to standard output", errno);
  }
  return {};
}

Result<void> look_once(const Options& options, const Setup& setup) {
  const SystemClock clock;
  auto source = LiveSource::open({setup.settings().watch.families, options.proc_root, options.record_file});
  if (!source.ok()) return source.error();
  auto roster = make_roster(setup.settings(), options.proc_root, (*source)->name_space());
  if (!roster.ok()) return roster.error();
  auto memory = StateFile(options.state_dir).read(read_boot_id(options.proc_root), (*source)->name_space());
  Setup here = setup;
  expect_running_daemon(memory.ok() ? *memory : std::nullopt, here.policy.built_in);
  auto pipeline = make_pipeline(here, ProcessRoots{options.proc_root, options.cgroup_root}, roster->get());
  if (!pipeline.ok()) return pipeline.error();
  TouringSource tour(*std::move(source), roster->get());
  const LiveSource& live = tour.host();
  Teller teller([&options](const Owner& owner) { return parents_of(owner, options.proc_root); });
  if (!memory.ok()) {
    log::warning(memory.error().message + "; nothing counts as learned");
  } else if (*memory) {
    teller.gate().restore((*memory)->known);
    pipeline->restore(**std::move(memory));
  } else {
    learn_if_wanted(*pipeline, setup);
  }
  Monitor monitor({&tour, &tour}, *std::move(pipeline));
  if (*roster) monitor.watch_namespaces(**roster);
  teller.tell(monitor.look(LookKind::Listeners, clock).delta);
  (void)monitor.look(LookKind::Connections, clock);  // its result is in the view
  if (auto recorded = live.recording_status(); !recorded.ok()) return recorded;
  View view = monitor.view(clock.now());
  view.owner_source = OwnerSource::Proc;
  add_facts(view, {live.kind(), live.sight()});
  return print_metrics(std::move(view), teller.totals(), own_stats(options.proc_root), setup);
}

Result<void> replay(const Options& options, const Setup& setup) {
  auto source = ReplaySource::open(options.replay_file, setup.settings().watch.families);
  if (!source.ok()) return source.error();
  ReplaySource& recording = **source;
  if (recording.cut_short())
    log::warning(options.replay_file + " is cut short: its last message is left out");
  if (!recording.damage().empty()) log::warning(options.replay_file + ": " + recording.damage());
  Pipeline pipeline = make_replay_pipeline(setup);
  learn_if_wanted(pipeline, setup);
  Monitor monitor({&recording, &recording}, std::move(pipeline));
  Teller teller;
  RecordedClock clock;
  PerWord<LookKind, bool> seen{};
  while (const auto next = recording.next()) {
    bool& seen_before = seen[static_cast<std::size_t>(next->kind)];
    if (options.once && seen_before) break;
    seen_before = true;
    clock.set(next->time);
    teller.tell(monitor.look(next->kind, clock).delta);
  }
  View view = monitor.view(clock.now());
  view.socket_source = SocketSource::Replay;
  return print_metrics(std::move(view), teller.totals(), {}, setup);
}

}  // namespace sockwatch
