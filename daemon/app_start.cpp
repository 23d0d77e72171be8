// SPDX-License-Identifier: Apache-2.0
// How the daemon is put together: every part in the order it is built.
#include <malloc.h>
#include <signal.h>

#include "daemon/app.h"
#include "daemon/http.h"
#include "daemon/load.h"
#include "daemon/privileges.h"
#include "daemon/sandbox.h"
#include "daemon/sinks.h"
#include "daemon/status_text.h"
#include "lib/base/log.h"
#include "lib/monitor/kernel_sockets.h"
#include "lib/policy/allow.h"
#include "lib/policy/builtin.h"
#include "lib/procfs/ancestry.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMostNamed = 10;

std::string join(const std::vector<ListenAddress>& addresses) {
  std::string text;
  for (const ListenAddress& address : addresses) text += (text.empty() ? "" : ", ") + to_string(address);
  return text;
}

}  // namespace

App::App(Options options, Setup setup)
    : options_(std::move(options)),
      setup_(std::move(setup)),
      gate_(allow_lines, [this](const Owner& owner) { return parents_of(owner, options_.proc_root); }),
      delivery_(make_sinks(setup_.settings(), {[this] { bell_(); }, [this] { return standing(); }, clock_}),
                {}, [this] { return standing(); }),
      keeper_(options_.state_dir, options_.proc_root),
      schedule_(setup_.settings().watch),
      saver_(
          keeper_, clock_, [this] { return to_keep(); },
          [this](const Result<void>& saved) { note_saving(saved); }) {}

Result<std::unique_ptr<App>> App::start(Options options, Setup setup) {
  // What comes and goes with a crowd goes back to the system. By default glibc keeps ever larger pieces.
  (void)::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  std::unique_ptr<App> app(new App(std::move(options), std::move(setup)));
  // A port that is taken ends it before anything was learned or alerted. The first look is the first that
  // saves, sends or rings: by then the privileges are the final ones, and the loop is there to hear.
  for (const auto step : {&App::open_loop, &App::open_sources, &App::open_monitor, &App::open_hidden_watch,
                          &App::open_events, &App::narrow, &App::serve, &App::connect_loop,
                          &App::start_workers, &App::start_hidden_watch, &App::first_look}) {
    if (auto done = (app.get()->*step)(); !done.ok()) return done.error();
  }
  return app;
}

// Before anything that could ring. From here on a signal waits for the loop instead of ending a start
// half-way.
Result<void> App::open_loop() {
  ::signal(SIGPIPE, SIG_IGN);  // a reader of our standard error that goes away must not take us with it
  const std::pair<int, void (App::*)()> signals[] = {
      {SIGTERM, &App::stop}, {SIGINT, &App::stop}, {SIGHUP, &App::reload}};
  for (const auto& [signal, handler] : signals) {
    if (auto added = loop_.on_signal(signal, [this, handler = handler] { (this->*handler)(); }); !added.ok())
      return added;
  }
  auto bell = loop_.add_bell([this] { tell({}); });
  if (!bell.ok()) return bell.error();
  bell_ = *std::move(bell);
  return {};
}

Result<void> App::open_sources() {
  LiveSource::Options wanted{setup_.settings().watch.families, options_.proc_root, options_.record_file};
  // Each kind has its own conversation with the kernel, so that a long dump of connections never delays a
  // look at the listeners. A recording is one conversation: then they take turns.
  auto listeners = LiveSource::open(wanted);
  if (!listeners.ok()) return listeners.error();
  const NamespaceId own = (*listeners)->name_space();
  for (auto& roster : rosters_) {
    auto made = make_roster(setup_.settings(), options_.proc_root, own);
    if (!made.ok()) return made.error();
    roster = *std::move(made);
  }
  sources_[index(LookKind::Listeners)] =
      std::make_unique<TouringSource>(*std::move(listeners), rosters_[index(LookKind::Listeners)].get());
  if (!options_.record_file.empty()) return {};
  auto counting = make_counting(setup_.settings().watch.connections_source, options_.proc_root);
  if (!counting.ok()) return counting.error();
  counting_ = *std::move(counting);
  wanted.counting = counting_.get();
  auto connections = LiveSource::open(wanted);
  if (!connections.ok()) return connections.error();
  sources_[index(LookKind::Connections)] =
      std::make_unique<TouringSource>(*std::move(connections), rosters_[index(LookKind::Connections)].get());
  return {};
}

Result<void> App::open_monitor() {
  TouringSource* listeners = sources_[index(LookKind::Listeners)].get();
  TouringSource* connections = sources_[index(LookKind::Connections)].get();
  NamespaceRoster* roster = rosters_[index(LookKind::Listeners)].get();
  std::string why_not;
  auto searcher = make_searcher(setup_.settings().watch.owners, why_not);
  if (!searcher.ok()) return searcher.error();
  owner_source_ = *searcher ? OwnerSource::Bpf : OwnerSource::Proc;
  if (!why_not.empty()) log::info("owners are looked for in /proc: " + why_not);
  OwnerHelp help{*std::move(searcher)};
  if (setup_.settings().watch.owners != OwnersMode::Proc) {
    auto kernel_sockets = std::make_unique<KernelSockets>(listeners->host().name_space(), roster, clock_);
    kernel_sockets->open();
    help.kernel_sockets = std::move(kernel_sockets);
  }
  auto pipeline =
      make_pipeline(setup_, ProcessRoots{options_.proc_root, options_.cgroup_root}, roster, std::move(help));
  if (!pipeline.ok()) return pipeline.error();
  keeper_.load_waiting_alerts(delivery_);
  recall(*pipeline, keeper_.load(listeners->host().name_space()));
  monitor_.emplace(Monitor::Sources{listeners, connections != nullptr ? connections : listeners},
                   *std::move(pipeline));
  if (roster != nullptr) monitor_->watch_namespaces(*roster);
  monitor_->keep_at_most(setup_.settings().watch.max_listeners);
  config_status_.last_reload_success = clock_.now().wall;
  return {};
}

void App::recall(Pipeline& pipeline, Result<std::optional<Memory>> memory) {
  // To learn now would bless whatever is open, and that without a word.
  const auto learn_nothing = [this](const std::string& why) {
    log::warning(why);
    queue(gate_.degraded(kMemoryPart, why, clock_.now()));
  };
  if (!memory.ok())
    return learn_nothing(memory.error().message +
                         "; what it had learned is unexpected until a rule says else");
  if (*memory) {
    gate_.restore((*memory)->known);
    pipeline.restore(**std::move(memory));
  } else if (setup_.settings().policy.first_run == FirstRun::Learn) {
    // Each start would be the first one.
    if (auto begun = keeper_.begin(); !begun.ok())
      return learn_nothing(begun.error().message + "; what cannot be kept is not learned");
    pipeline.learn_at_first_look();
  }
}

// Loads BPF, so while there are privileges for it.
Result<void> App::open_hidden_watch() {
  const Interval interval = setup_.settings().watch.hidden;
  if (interval && options_.record_file.empty())
    hidden_watch_ = HiddenWatch::open(options_.proc_root, *interval);
  return {};
}

// Before the first look, so that nothing opens unseen between the two; before there is any other thread, so
// that none keeps the privileges.
Result<void> App::open_events() {
  const WatchSettings& watch = setup_.settings().watch;
  const NamespaceId own = sources_[index(LookKind::Listeners)]->host().name_space();
  auto choice = choose_event_feed(watch.events, own, options_.cgroup_root, watch.namespaces,
                                  live_pipeline_settings(setup_.settings(), options_.proc_root));
  if (!choice.ok()) return choice.error();
  for (const std::string& refused : choice->refused) log::warning("event source not available: " + refused);
  events_ = std::move(choice->feed);
  if (const auto missing = missing_sight(); !missing.empty()) log::warning(missing);
  if (auto given_up = give_up_privileges(); !given_up.ok())
    log::warning("privileges kept: " + given_up.error().message);
  if (const std::size_t others = other_threads(); others > 0)
    log::warning("privileges kept by other threads: " + std::to_string(others));
  if (!events_) return {};
  monitor_->follow(*events_);
  note_losses();  // none yet: says how far looks may rely on it
  return {};
}

// When all event sources are open, and before anything that others chose is read.
Result<void> App::narrow() {
  if (auto refused = refuse_unneeded_calls(); !refused.ok())
    log::warning("system calls that running does not need stay allowed: " + refused.error().message);
  return {};
}

Result<void> App::serve() {
  auto served = start_http(setup_.settings(), options_.proc_root, board_, clock_);
  if (!served.ok()) return served.error();
  server_ = std::move(served->server);
  expect_only(served->sockets, setup_.policy.built_in);
  monitor_->expect_only(served->sockets);
  return {};
}

Result<void> App::connect_loop() {
  for (const LookKind kind : all_of<LookKind>()) {
    auto timer = loop_.add_timer([this, kind] { turn(kind); });
    if (!timer.ok()) return timer.error();
    turns_[index(kind)].timer = *std::move(timer);
  }
  auto hearing = loop_.add_timer([this] { hear(); });
  if (!hearing.ok()) return hearing.error();
  events_timer_ = *std::move(hearing);
  if (events_) {
    if (auto added = loop_.on_readable(events_->fd(), [this] { hear(); }); !added.ok()) return added;
  }
  auto delivery = loop_.add_timer([this] { tell({}); });
  if (!delivery.ok()) return delivery.error();
  delivery_timer_ = *std::move(delivery);
  return saver_.connect(loop_);
}

// After the privileges are given up: they are a thread's.
Result<void> App::start_workers() {
  if (auto saving = saver_.start(); !saving.ok()) return saving;
  if (!sources_[index(LookKind::Connections)]) return {};
  auto bell = loop_.add_bell([this] { counted(); });
  if (!bell.ok()) return bell.error();
  constexpr LookKind kind = LookKind::Connections;
  auto worker = Worker::start(
      "connections", [this] { return monitor_->work(kind, kDatagramsPerPart[index(kind)]); },
      *std::move(bell));
  if (!worker.ok()) return worker.error();
  worker_ = *std::move(worker);
  return {};
}

Result<void> App::start_hidden_watch() {
  if (!hidden_watch_) return {};
  return hidden_watch_->start(loop_, clock_, [this](std::vector<Alert> alerts) { tell(std::move(alerts)); });
}

Result<void> App::first_look() {
  turns_[index(LookKind::Listeners)].started = clock_.now();
  const Monitor::Finished first = monitor_->look(LookKind::Listeners, clock_);
  catch_up();
  finished(first);
  turns_[index(LookKind::Listeners)].timer->arm(schedule_.interval(LookKind::Listeners));
  turns_[index(LookKind::Connections)].timer->arm(Duration(0));
  return {};
}

int App::run() {
  const auto view = board_.current();
  service::ready(status_text(*view, 0));
  log::info("watching " + std::to_string(count_shown(*view)) + " listeners (" +
            std::to_string(count_unexpected(*view)) + " unexpected); pages on " +
            join(setup_.settings().metrics.addresses));
  say_what_is_not_watched();
  say_warnings(setup_);
  if (!setup_.settings().alerts.webhooks.empty() && network_is_refused())
    log::warning("webhooks: this service may open no sockets (RestrictAddressFamilies=); alerts wait");
  const auto code = loop_.run();
  if (code.ok()) return *code;
  log::error(code.error().message);
  return 1;
}

// By design of the sandbox, not a failure, so it is said once and not alerted about.
void App::say_what_is_not_watched() const {
  const auto& roster = rosters_[index(LookKind::Listeners)];
  if (!roster) return;
  const std::vector<Unseen> parts = roster->out_of_sight();
  const std::size_t named = std::min(parts.size(), kMostNamed);  // any user can make namespaces
  for (const Unseen& part : std::span(parts).first(named))
    log::info("not watched: " + part.what + ": " + part.why);
  if (named < parts.size()) log::info("not watched: " + std::to_string(parts.size() - named) + " more");
}

}  // namespace sockwatch
