// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <signal.h>
#include <unistd.h>

#include "daemon/http.h"
#include "daemon/privileges.h"
#include "lib/alert/sinks/journal.h"
#include "lib/alert/sinks/stderr.h"
#include "lib/base/text.h"
#include "lib/policy/allow.h"

namespace sockwatch {
namespace {

// Datagrams a wake-up may work on: 32 KiB each, about 0.1 ms. A look at the listeners is usually over within
// one; one at a million connections gives way to signals, alerts and the other look hundreds of times.
constexpr PerWord<LookKind, int> kDatagramsPerStep = {64, 16};

// In a burst the source wakes us once and expects to be asked again; past its burst window it wakes us anew.
constexpr Duration kEventsSettle = std::chrono::milliseconds(60);

constexpr Duration kTrustAfterLoss = std::chrono::minutes(1);

constexpr Duration kPublishInterval = std::chrono::seconds(1);

std::size_t index(LookKind kind) {
  return static_cast<std::size_t>(kind);
}

std::vector<std::unique_ptr<AlertSink>> sinks(const Settings& settings) {
  std::vector<std::unique_ptr<AlertSink>> made;
  if (!service::logs_to_journal()) {
    made.push_back(std::make_unique<StderrSink>(STDERR_FILENO));
  } else if (settings.alerts.journal) {
    made.push_back(std::make_unique<JournalSink>());
  }
  return made;
}

std::size_t unexpected(const View& view) {
  std::size_t count = 0;
  for (const Listener& listener : view.listeners)
    count += listener.verdict.kind == VerdictKind::Unexpected ? 1U : 0U;
  return count;
}

std::string status_text(const View& view, std::size_t out_of_sight) {
  std::string text = "Watching " + std::to_string(view.listeners.size()) + " listeners, " +
                     std::to_string(unexpected(view)) +
                     " unexpected; events: " + std::string(word(view.event_source)) + ", sockets from " +
                     std::string(word(view.socket_source));
  if (out_of_sight > 0) text += "; DEGRADED: " + std::to_string(out_of_sight) + " parts out of sight";
  return text;
}

}  // namespace

App::App(Options options, Setup setup)
    : options_(std::move(options)),
      setup_(std::move(setup)),
      gate_(allow_lines),
      delivery_(sinks(setup_.settings())),
      keeper_(options_.state_dir, options_.proc_root),
      schedule_(setup_.settings().watch) {}

Result<std::unique_ptr<App>> App::start(Options options, Setup setup) {
  std::unique_ptr<App> app(new App(std::move(options), std::move(setup)));
  // A port that is taken ends it before anything was learned or alerted.
  for (const auto step : {&App::open_sources, &App::open_monitor, &App::open_events, &App::serve,
                          &App::connect_loop, &App::first_look}) {
    if (auto done = (app.get()->*step)(); !done.ok()) return done.error();
  }
  return app;
}

Result<void> App::open_sources() {
  const LiveSource::Options wanted{setup_.settings().watch.families, options_.proc_root,
                                   options_.record_file};
  // Each kind has its own conversation with the kernel, so that a long dump of connections never delays a
  // look at the listeners. A recording is one conversation: then they take turns.
  auto listeners = LiveSource::open(wanted);
  if (!listeners.ok()) return listeners.error();
  sources_[index(LookKind::Listeners)] = *std::move(listeners);
  if (!options_.record_file.empty()) return {};
  auto connections = LiveSource::open(wanted);
  if (!connections.ok()) return connections.error();
  sources_[index(LookKind::Connections)] = *std::move(connections);
  return {};
}

Result<void> App::open_monitor() {
  LiveSource* listeners = sources_[index(LookKind::Listeners)].get();
  LiveSource* connections = sources_[index(LookKind::Connections)].get();
  auto pipeline = make_pipeline(setup_, ProcessRoots{options_.proc_root, options_.cgroup_root});
  if (!pipeline.ok()) return pipeline.error();
  keeper_.load_waiting_alerts(delivery_);
  if (auto memory = keeper_.load(listeners->name_space())) {
    gate_.restore(memory->known);
    pipeline->restore(*std::move(memory));
  } else if (setup_.settings().policy.first_run == FirstRun::Learn) {
    pipeline->learn_at_first_look();
  }
  monitor_.emplace(Monitor::Sources{listeners, connections != nullptr ? connections : listeners},
                   *std::move(pipeline));
  config_status_.last_reload_success = clock_.now().wall;
  return {};
}

// Before the first look, so that nothing opens unseen between the two; before there is any other thread, so
// that none keeps the privileges.
Result<void> App::open_events() {
  const LiveSource& source = *sources_[index(LookKind::Listeners)];
  auto choice = choose_event_feed(setup_.settings().watch.events, source.name_space(), options_.cgroup_root);
  if (!choice.ok()) return choice.error();
  for (const std::string& refused : choice->refused) log::warning("event source not available: " + refused);
  events_ = std::move(choice->feed);
  if (auto given_up = give_up_privileges(); !given_up.ok())
    log::warning("privileges kept: " + given_up.error().message);
  if (!events_) return {};
  monitor_->follow(*events_);
  note_losses();  // none yet: says how far looks may rely on it
  return {};
}

Result<void> App::serve() {
  auto server = start_http(setup_.settings().metrics, options_.proc_root, board_, clock_);
  if (!server.ok()) return server.error();
  server_ = *std::move(server);
  return {};
}

Result<void> App::connect_loop() {
  ::signal(SIGPIPE, SIG_IGN);  // a reader of our standard error that goes away must not take us with it
  const std::pair<int, void (App::*)()> signals[] = {
      {SIGTERM, &App::stop}, {SIGINT, &App::stop}, {SIGHUP, &App::reload}};
  for (const auto& [signal, handler] : signals) {
    if (auto added = loop_.on_signal(signal, [this, handler = handler] { (this->*handler)(); }); !added.ok())
      return added;
  }
  for (const LookKind kind : all_of<LookKind>()) {
    auto timer = loop_.add_timer([this, kind] { turn(kind); });
    if (!timer.ok()) return timer.error();
    turns_[index(kind)].timer = *timer;
  }
  auto hearing = loop_.add_timer([this] { hear(); });
  if (!hearing.ok()) return hearing.error();
  events_timer_ = *hearing;
  if (events_) {
    if (auto added = loop_.on_readable(events_->fd(), [this] { hear(); }); !added.ok()) return added;
  }
  auto delivery = loop_.add_timer([this] { tell({}); });
  if (!delivery.ok()) return delivery.error();
  delivery_timer_ = *delivery;
  auto saving = loop_.add_timer([this] { save(); });
  if (!saving.ok()) return saving.error();
  save_timer_ = *saving;
  return {};
}

Result<void> App::first_look() {
  finished(monitor_->look(LookKind::Listeners, clock_));
  turns_[index(LookKind::Listeners)].timer.arm(schedule_.interval(LookKind::Listeners));
  turns_[index(LookKind::Connections)].timer.arm(Duration(0));
  return {};
}

int App::run() {
  const auto view = board_.current();
  for (const Unseen& part : sources_[index(LookKind::Listeners)]->sight().unreadable)
    log::warning(part.what + " cannot be seen: " + part.why);
  service::ready(status_text(*view, 0));
  log::info("watching " + std::to_string(view->listeners.size()) + " listeners (" +
            std::to_string(unexpected(*view)) + " unexpected); http://" +
            to_string(setup_.settings().metrics.address));
  return loop_.run();
}

// Whatever an event says, a look at the kernel says the rest: it comes at once, and once more when events
// have ceased, because the first is told before the kernel has quite finished.
void App::hear() {
  (void)monitor_->hear();
  note_losses();
  expect_more();
  Turn& turn = turns_[index(LookKind::Listeners)];
  turn.timer.arm(turn.started.monotonic + schedule_.rest_between_events() - clock_.now().monotonic);
}

// Also where a look, and not a wake-up, has found it waiting.
void App::expect_more() {
  if (monitor_->heard() == events_heard_) return;
  events_heard_ = monitor_->heard();
  events_timer_.arm(kEventsSettle);
}

// After a loss looks alone are relied on, until the source has kept up for a while.
void App::note_losses() {
  const Instant now = clock_.now();
  const std::uint64_t lost = events_->lost() + monitor_->pipeline().events_overflowed();
  if (lost != events_lost_) {
    log_losses_.warning(now.monotonic, std::to_string(lost - events_lost_) + " events lost; looking instead");
    monitor_->lost_events(events_->kind(), lost);
    events_lost_ = lost;
    last_loss_ = now;
  }
  const bool kept_up = !last_loss_ || now.monotonic - last_loss_->monotonic > kTrustAfterLoss;
  schedule_.rely_on_events(events_->hears_everything() && kept_up);
}

// One wake-up of one kind of look: begins it when it is due, works on it for a moment, and says when to come
// again.
void App::turn(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  if (!monitor_->busy(kind)) {
    if (!monitor_->can_start(kind)) {
      monitor_->skipped(kind);
      return turn.timer.arm(schedule_.interval(kind));
    }
    turn.started = clock_.now();
    turn.cpu = {};
    monitor_->start(kind, turn.started);
  }
  const Duration cpu_before = thread_cpu_time();
  const auto done = monitor_->step(kind, kDatagramsPerStep[index(kind)], clock_);
  if (done) finished(*done);
  turn.cpu += thread_cpu_time() - cpu_before;
  if (!done) return turn.timer.arm(Duration(0));
  schedule_.finished(kind, turn.cpu);
  const bool soon = kind == LookKind::Listeners && monitor_->pipeline().unsettled();
  const Duration interval = soon ? schedule_.interval_when_unsettled(kind) : schedule_.interval(kind);
  turn.timer.arm(interval - (clock_.now().monotonic - turn.started.monotonic));
}

void App::finished(const Monitor::Finished& finished) {
  const Instant now = clock_.now();
  expect_more();
  tell(gate_.offer(finished.delta));
  watch_health(finished.kind, now);
  if (!finished.delta.empty()) remember();
  const bool due = !published_ || now.monotonic - published_->monotonic >= kPublishInterval;
  if (due || !finished.delta.empty() || finished.kind == LookKind::Connections) publish(now);
}

void App::tell(std::vector<Alert> alerts) {
  const Instant now = clock_.now();
  if (!alerts.empty()) delivery_.offer(std::move(alerts), now);
  delivery_.flush(now);
  if (const auto due = delivery_.next_due()) delivery_timer_.arm(*due - now.monotonic);
}

void App::watch_health(LookKind kind, Instant now) {
  const Degradation::Changes changes = degradation_[index(kind)].update(monitor_->unseen(kind), now);
  for (const Unseen& part : changes.degraded) tell(gate_.degraded(part.what, part.why, now));
  for (const std::string& part : changes.recovered) tell(gate_.recovered(part, now));
}

std::size_t App::out_of_sight() const {
  std::size_t parts = 0;
  for (const Degradation& degradation : degradation_) parts += degradation.count();
  return parts;
}

void App::publish(Instant now) {
  auto view = std::make_shared<View>(monitor_->view(now));
  const std::string hash = view->config.policy_hash;
  const std::size_t rules = view->config.policy_rules;
  view->config = config_status_;
  view->config.policy_hash = hash;
  view->config.policy_rules = rules;
  for (const LookKind kind : all_of<LookKind>())
    view->totals.looks[index(kind)].interval = schedule_.interval(kind);
  view->alerts = delivery_.totals();
  view->event_source = events_ ? events_->kind() : EventSource::Poll;
  view->socket_source = sources_[index(LookKind::Listeners)]->kind();
  const FamilySight& sight = sources_[index(LookKind::Listeners)]->sight();
  view->families = sight.how;
  view->unseen.insert(view->unseen.end(), sight.unreadable.begin(), sight.unreadable.end());
  service::status(status_text(*view, out_of_sight()));
  service::feed_watchdog();
  board_.publish(std::move(view));
  published_ = now;
}

// All or nothing: a mistake anywhere leaves what is in force as it is.
void App::reload() {
  service::reloading();
  auto fresh = load_setup(options_.config_file, options_.listen_address);
  const Instant now = clock_.now();
  config_status_.last_reload_successful = fresh.ok();
  if (!fresh.ok()) {
    log::error("not reloaded, the old configuration stays:");
    for (const auto line : split(fresh.error().message, '\n')) log::error(line);
  } else {
    for (const std::string& key : needs_restart(setup_.settings(), fresh->settings())) {
      log::warning(key + " takes effect at the next restart");
    }
    keep_what_runs(setup_, *fresh);
    setup_ = *std::move(fresh);
    schedule_.configure(setup_.settings().watch);
    const Delta delta = monitor_->reload(
        setup_.policy, live_pipeline_settings(setup_.settings(), options_.proc_root), setup_.services, now);
    tell(gate_.offer(delta));
    config_status_.last_reload_success = now.wall;
    log::info("reloaded: " + std::to_string(setup_.policy.rules.size()) + " rules, " +
              std::to_string(delta.updated.size()) + " listeners judged differently");
    remember();
  }
  publish(now);
  service::ready(status_text(*board_.current(), out_of_sight()));
}

// At once, so that what was told is not told again after a crash; but in a storm writing takes a twentieth of
// the time.
void App::remember() {
  if (unsaved_) return;
  const Duration rest = saved_.monotonic + 20 * saving_took_ - clock_.now().monotonic;
  if (rest <= Duration(0)) return save();
  unsaved_ = true;
  save_timer_.arm(rest);
}

void App::save() {
  const Instant now = clock_.now();
  keeper_.save(monitor_->memory(), now);
  keeper_.save_waiting_alerts(delivery_, now);
  unsaved_ = false;
  saved_ = clock_.now();
  saving_took_ = saved_.monotonic - now.monotonic;
}

void App::stop() {
  service::stopping();
  delivery_.finish(clock_.now());
  save();
  log::info("stopped");
  loop_.stop(0);
}

}  // namespace sockwatch
