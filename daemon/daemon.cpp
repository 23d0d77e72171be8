// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.h"

#include "daemon/load.h"
#include "lib/alert/subject.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/policy/allow.h"
#include "lib/policy/builtin.h"
#include "lib/procfs/ancestry.h"

namespace sockwatch {
namespace {

// What is degraded where the state cannot be read, and where it cannot be written.
constexpr const char* kMemoryPart = "what earlier runs knew";
constexpr const char* kSavingPart = "what later runs shall know";

}  // namespace

Daemon::Daemon(Surroundings surroundings, Setup setup)
    : setup_(std::move(setup)),
      around_(std::move(surroundings)),
      keeper_(around_.state_dir, around_.proc_root),
      alerting_(around_.clock,
                [this](std::function<void()> notify, std::function<std::set<std::string>()> standing) {
                  return around_.make_sinks(setup_.settings(), std::move(notify), std::move(standing));
                },
                {allow_lines, [this](const Owner& owner) { return parents_of(owner, around_.proc_root); },
                 [this] { return standing_elsewhere(); }, [this] { saver_.soon(); }}),
      saver_(
          keeper_, around_.clock, [this] { return to_keep(); },
          [this](const Result<void>& saved) { note_saving(saved); }) {}

Result<void> Daemon::connect() {
  if (auto connected = alerting_.connect(around_.loop); !connected.ok()) return connected;
  return saver_.connect(around_.loop);
}

void Daemon::recall(Pipeline& pipeline, NamespaceId host) {
  keeper_.load_waiting_alerts(alerting_.waiting());
  // To learn now would accept whatever is open, and that without a word.
  const auto learn_nothing = [this](const std::string& why) {
    log::warning(why);
    alerting_.queue_degraded(kMemoryPart, why);
  };
  auto memory = keeper_.load(host);
  if (!memory.ok())
    return learn_nothing(memory.error().message +
                         "; what it had learned is unexpected until a rule says else");
  if (*memory) {
    alerting_.restore((*memory)->known);
    pipeline.restore(**std::move(memory));
  } else if (setup_.settings().policy.first_run == FirstRun::Learn) {
    // Each start would be the first one.
    if (auto begun = keeper_.begin(); !begun.ok())
      return learn_nothing(begun.error().message + "; what cannot be kept is not learned");
    pipeline.learn_at_first_look();
  }
}

void Daemon::watch(Pipeline pipeline, Watched watched) {
  watched_ = std::move(watched);
  monitor_.emplace(watched_.sources, std::move(pipeline));
  if (watched_.roster != nullptr) monitor_->watch_namespaces(*watched_.roster);
  monitor_->keep_at_most(setup_.settings().watch.max_listeners);
  const auto trouble = [this](const std::string& part, const std::optional<std::string>& why) {
    why ? alerting_.degraded(part, *why) : alerting_.recovered(part);
  };
  polling_.emplace(Polling::Parts{*monitor_, watched_.feed, watched_.tour, watched_.roster}, around_.clock,
                   setup_.settings().watch,
                   Polling::Hooks{[this](const Monitor::Finished& poll) { finished(poll); }, trouble});
  publishing_.emplace(Publishing::Parts{*monitor_, alerting_, *polling_, around_.board, around_.clock,
                                        watched_.facts, watched_.published});
  publishing_->config.last_reload_success = around_.clock.now().wall;
  publishing_->owner_source = watched_.owners;
  if (watched_.feed != nullptr) publishing_->event_source = watched_.feed->kind();
}

void Daemon::expect_only(std::span<const OwnSocket> own) {
  sockwatch::expect_only(own, setup_.policy.built_in);
  monitor_->expect_only(own);
}

Result<void> Daemon::start(bool connections_on_a_thread) {
  if (auto connected = polling_->connect(around_.loop); !connected.ok()) return connected;
  if (auto saving = saver_.start(); !saving.ok()) return saving;
  return connections_on_a_thread ? polling_->start_thread(around_.loop) : Result<void>();
}

void Daemon::first_poll() {
  const Monitor::Finished first = polling_->first_poll();
  // A receiver that was added, or whose address was mended, gets what was reported before.
  alerting_.catch_up(monitor_->pipeline().ledger().listeners());
  finished(first);
  polling_->begin();
}

void Daemon::finished(const Monitor::Finished& finished) {
  const Delta& delta = finished.delta;
  alerting_.offer(delta);
  // A baseline is kept before anybody is told of it, with what is to be told: no crash makes the next start
  // learn another one.
  const bool learned = !delta.learned.empty();
  if (learned) saver_.now();
  alerting_.flush();
  alerting_.watch_coverage(finished.kind, monitor_->unseen(finished.kind));
  const bool connections = finished.kind == LookKind::Connections;
  if (connections && watched_.counted) watched_.counted(publishing_->connection_sources);
  // The first state is written before there is a page, also where nothing at all is open: what could not be
  // read is set aside, and the next start is no first one.
  const bool first = std::exchange(is_first_, false);
  if (first && !learned) saver_.now();
  if (!first && !learned && !delta.empty()) saver_.soon();
  first || connections || !delta.empty() ? publishing_->publish() : publishing_->publish_if_due();
}

std::set<std::string> Daemon::standing_elsewhere() const {
  std::set<std::string> all;
  if (monitor_) {
    for (const RequiredRule& rule : monitor_->pipeline().missing()) all.insert(subject_of_rule(rule.rule));
  }
  if (watched_.standing_elsewhere) all.merge(watched_.standing_elsewhere());
  return all;
}

void Daemon::reload(Result<Setup> fresh) {
  publishing_->config.last_reload_successful = fresh.ok();
  if (fresh.ok()) {
    adopt(*std::move(fresh));
  } else {
    log::error("not reloaded, the old configuration stays:");
    for (const auto line : split(fresh.error().message, '\n')) log::error(line);
  }
  publishing_->publish();
}

void Daemon::adopt(Setup fresh) {
  for (const std::string& key : needs_restart(setup_.settings(), fresh.settings()))
    log::warning(key + " takes effect at the next restart");
  keep_what_runs(setup_, fresh);
  setup_ = std::move(fresh);
  say_warnings(setup_);
  const Instant now = around_.clock.now();
  polling_->configure(setup_.settings().watch);
  monitor_->keep_at_most(setup_.settings().watch.max_listeners);
  const Delta delta = monitor_->reload(
      setup_.policy, live_pipeline_settings(setup_.settings(), around_.proc_root), setup_.services, now);
  alerting_.offer(delta);
  alerting_.recovered(kMemoryPart);  // whoever reloads has decided what to expect now
  publishing_->config.last_reload_success = now.wall;
  log::info("reloaded: " + std::to_string(setup_.policy.rules.size()) + " rules, " +
            std::to_string(delta.updated.size()) + " listeners judged differently");
  saver_.soon();
}

Keeper::Kept Daemon::to_keep() const {
  return {monitor_->memory(), alerting_.to_keep()};
}

void Daemon::note_saving(const Result<void>& saved) {
  if (saved.ok()) return alerting_.recovered(kSavingPart);
  alerting_.degraded(kSavingPart,
                     saved.error().message + "; until then a restart knows what was saved before");
}

void Daemon::stop() {
  alerting_.finish();
  saver_.now();
}

}  // namespace sockwatch
