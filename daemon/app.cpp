// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <malloc.h>
#include <signal.h>

#include <string>
#include <utility>

#include "daemon/http.h"
#include "daemon/load.h"
#include "daemon/sandbox.h"
#include "daemon/sinks.h"
#include "daemon/status_text.h"
#include "lib/base/log.h"

namespace sockwatch {
namespace {

std::string join(const std::vector<ListenAddress>& addresses) {
  std::string text;
  for (const ListenAddress& address : addresses) text += (text.empty() ? "" : ", ") + to_string(address);
  return text;
}

}  // namespace

App::App(Options options, Setup setup)
    : options_(std::move(options)),
      daemon_({clock_, loop_, board_, options_.state_dir, options_.proc_root,
               [this](const Settings& settings, std::function<void()> notify,
                      std::function<std::set<std::string>()> standing) {
                 return make_sinks(settings, {std::move(notify), std::move(standing), clock_});
               }},
              std::move(setup)) {}

Result<std::unique_ptr<App>> App::start(Options options, Setup setup) {
  // What comes and goes with a crowd goes back to the system. By default glibc keeps ever larger pieces.
  (void)::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  std::unique_ptr<App> app(new App(std::move(options), std::move(setup)));
  // A port that is taken ends it before anything was learned or reported. The first poll is the first that
  // saves, sends or notifies: by then the privileges are the final ones, and the loop is there to hear.
  for (const auto step : {&App::open_loop, &App::open_sources, &App::open_pipeline, &App::open_events,
                          &App::narrow, &App::serve, &App::begin}) {
    if (auto done = (app.get()->*step)(); !done.ok()) return done.error();
  }
  return app;
}

// Before anything that could notify. From here on a signal waits for the loop instead of ending a start
// half-way.
Result<void> App::open_loop() {
  ::signal(SIGPIPE, SIG_IGN);  // a reader of our standard error that goes away must not take us with it
  const std::pair<int, void (App::*)()> signals[] = {
      {SIGTERM, &App::stop}, {SIGINT, &App::stop}, {SIGHUP, &App::reload}};
  for (const auto& [signal, handler] : signals) {
    if (auto added = loop_.on_signal(signal, [this, handler = handler] { (this->*handler)(); }); !added.ok())
      return added;
  }
  return daemon_.connect();
}

Result<void> App::open_sources() {
  return watching_.open_sources(daemon_.setup(), options_);
}

Result<void> App::open_pipeline() {
  auto pipeline = watching_.open_pipeline(daemon_.setup(), options_, clock_);
  if (!pipeline.ok()) return pipeline.error();
  pipeline_.emplace(*std::move(pipeline));
  daemon_.recall(*pipeline_, watching_.name_space());
  return {};
}

// Before the first poll, so that nothing opens unnoticed between the two. Loads BPF and gives the privileges
// up.
Result<void> App::open_events() {
  if (auto hidden = watching_.open_hidden_watch(daemon_.setup(), options_); !hidden.ok()) return hidden;
  return watching_.open_events(daemon_.setup(), options_);
}

// When all event sources are open, and before anything that others chose is read.
Result<void> App::narrow() {
  if (auto refused = refuse_unneeded_calls(); !refused.ok())
    log::warning("system calls that running does not need stay allowed: " + refused.error().message);
  return {};
}

Result<void> App::serve() {
  auto served = start_http(daemon_.setup().settings(), options_.proc_root, board_, clock_);
  if (!served.ok()) return served.error();
  server_ = std::move(served->server);
  HiddenWatch* hidden = watching_.hidden();
  daemon_.watch(*std::exchange(pipeline_, std::nullopt),
                {watching_.sources(), watching_.feed(), &watching_.listeners(), watching_.roster(),
                 watching_.owner_source(), [this] { return watching_.facts(); },
                 [this](PerWord<ConnectionSource, bool>& sources) { watching_.note_counting(sources); },
                 [hidden] { return hidden != nullptr ? hidden->standing() : std::set<std::string>(); },
                 [this] { server_->wake(); }});
  daemon_.expect_only(served->sockets);
  return {};
}

// Threads after the privileges are given up: they are a thread's.
Result<void> App::begin() {
  if (auto started = daemon_.start(watching_.has_connections()); !started.ok()) return started;
  if (HiddenWatch* hidden = watching_.hidden()) {
    const auto report = [this](std::vector<Alert> alerts) { daemon_.report(std::move(alerts)); };
    if (auto started = hidden->start(loop_, clock_, report); !started.ok()) return started;
  }
  daemon_.first_poll();
  return {};
}

int App::run() {
  const auto view = board_.current();
  const Settings& settings = daemon_.setup().settings();
  service::ready(daemon_.status());
  log::info("watching " + std::to_string(count_shown(*view)) + " listeners (" +
            std::to_string(count_unexpected(*view)) + " unexpected); pages on " +
            join(settings.metrics.addresses));
  watching_.say_what_is_not_watched();
  say_warnings(daemon_.setup());
  if (!settings.alerts.webhooks.empty() && network_is_refused())
    log::warning("webhooks: this service may open no sockets (RestrictAddressFamilies=); alerts wait");
  const auto code = loop_.run();
  if (code.ok()) return *code;
  log::error(code.error().message);
  return 1;
}

void App::reload() {
  service::reloading();
  daemon_.reload(load(options_));
  service::ready(daemon_.status());
}

void App::stop() {
  service::stopping();
  daemon_.stop();
  log::info("stopped");
  loop_.stop(0);
}

}  // namespace sockwatch
