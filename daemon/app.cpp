// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <algorithm>
#include <span>
#include <utility>

#include "daemon/load.h"
#include "daemon/sinks.h"
#include "daemon/status_text.h"
#include "lib/alert/subject.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/policy/allow.h"

namespace sockwatch {
namespace {

// In a burst the source wakes us once and expects to be asked again; past its burst window it wakes us anew.
constexpr Duration kEventsSettle = std::chrono::milliseconds(60);

// Under a flood the loop has as much time for the rest as for events.
constexpr Duration kHearAtOnce = std::chrono::milliseconds(5);
constexpr Duration kHearOn = std::chrono::milliseconds(5);

// A look goes on for so long at a time, and a part more.
constexpr Duration kTurn = std::chrono::milliseconds(4);

constexpr Duration kTrustAfterLoss = std::chrono::minutes(1);

constexpr Duration kPublishInterval = std::chrono::seconds(1);

std::string in_seconds(Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

bool has_any(const View& view, Protocol protocol) {
  const auto& aggregate = view.crowd.aggregate;
  return std::any_of(view.listeners.begin(), view.listeners.end(),
                     [&](const Listener& listener) { return listener.key.protocol == protocol; }) ||
         std::any_of(aggregate.begin(), aggregate.end(),
                     [&](const AggregateCount& count) { return count.protocol == protocol; });
}

}  // namespace

// Once each: a family may come with a module, or turn out to be refused.
void App::say_what_cannot_be_seen(const FamilySight& sight) {
  for (const Unseen& part : sight.unreadable) {
    if (said_.insert(part.what).second) log::warning(part.what + " cannot be seen: " + part.why);
  }
  for (const auto& [protocol, part] : sight.untold) {
    if (said_.insert(part.what).second) log::info(part.what + " cannot be seen: " + part.why);
  }
}

// Between two looks it is ours. By netlink alone is as right, and dearer where there are many.
void App::note_counting() {
  connection_sources_ = counting_->sources();
  if (counting_->trouble() == counting_trouble_) return;
  counting_trouble_ = counting_->trouble();
  log::info("connections are counted by netlink alone: " + counting_trouble_);
}

// Whatever an event says, a look at the kernel says the rest: it comes at once, and once more when events
// have ceased, because the first is told before the kernel has quite finished.
void App::hear() {
  const Duration before = thread_cpu_time();
  const bool more = monitor_->hear(kHearAtOnce);
  hearing_cost_ += thread_cpu_time() - before;
  note_losses();
  expect_more();
  if (more) events_timer_->arm(kHearOn);
  Turn& turn = turns_[index(LookKind::Listeners)];
  turn.timer->arm_no_later(turn.started.monotonic + schedule_.rest_between_events() - clock_.now().monotonic);
}

// Also where a look, and not a wake-up, has found it waiting.
void App::expect_more() {
  if (monitor_->heard() == events_heard_) return;
  events_heard_ = monitor_->heard();
  events_timer_->arm(kEventsSettle);
}

// Who sends more than there are places for is the first to be asked.
std::string App::whose_losses() const {
  std::optional<EventLoss> most = events_->lost_most();
  const std::optional<EventLoss> ours = monitor_->pipeline().events_lost_most();
  if (!most || (ours && ours->events > most->events)) most = ours;
  if (!most) return {};
  return "; most of all, " + std::to_string(most->events) + ", of user " + std::to_string(most->uid);
}

// After a loss looks alone are relied on, until the source has kept up for a while.
void App::note_losses() {
  const Instant now = clock_.now();
  const std::uint64_t lost = events_->lost() + monitor_->pipeline().events_overflowed();
  if (lost != events_lost_) {
    const std::string news =
        std::to_string(lost - events_lost_) + " events lost; looking instead" + whose_losses();
    if (const auto said = losses_.say(now.monotonic, news)) log::warning(*said);
    monitor_->lost_events(events_->kind(), lost);
    events_lost_ = lost;
    last_loss_ = now;
    tell(gate_.degraded(kEventsPart, news, now));
  }
  const bool kept_up = !last_loss_ || now.monotonic - last_loss_->monotonic > kTrustAfterLoss;
  schedule_.rely_on_events(events_->hears_everything() && kept_up);
  if (kept_up && last_loss_) tell(gate_.recovered(kEventsPart, now));
}

// One wake-up of one kind of look: begins it when it is due, works on it for a moment, and says when to come
// again. Connections are the worker's.
void App::turn(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  if (!monitor_->busy(kind)) {
    if (!monitor_->can_start(kind)) {
      monitor_->skipped(kind);
      return turn.timer->arm(schedule_.interval(kind));
    }
    begin(kind);
    monitor_->start(kind, turn.started);
    if (kind == LookKind::Connections && worker_) return worker_->begin();
  }
  const Duration cpu_before = thread_cpu_time();
  const MonotonicTime stop = clock_.now().monotonic + kTurn;
  bool more = true;
  while (more && clock_.now().monotonic < stop) more = advance(kind);
  turn.cpu += thread_cpu_time() - cpu_before;
  // Its end is a turn of its own where there was much to do.
  const bool goes_on = more || clock_.now().monotonic >= stop;
  goes_on ? turn.timer->arm(Duration(0)) : end(kind);
}

// A part of a look; false when only its end is left.
bool App::advance(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  if (turn.read) return monitor_->prepare(kind);
  turn.read = !monitor_->work(kind, kDatagramsPerPart[index(kind)]);
  return true;
}

void App::begin(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  const Instant now = clock_.now();
  turn.since_last = now.monotonic - turn.started.monotonic;
  turn.started = now;
  turn.cpu = {};
  turn.read = false;
  const auto& roster = rosters_[index(kind)];
  if (kind == LookKind::Listeners && roster)
    sources_[index(kind)]->visit_at_most(schedule_.visits(roster->watched(), turn.since_last));
}

void App::counted() {
  turns_[index(LookKind::Connections)].cpu = worker_->end();
  end(LookKind::Connections);
}

void App::end(LookKind kind) {
  Turn& turn = turns_[index(kind)];
  const Duration cpu_before = thread_cpu_time();
  finished(monitor_->finish(kind, clock_));
  turn.cpu += thread_cpu_time() - cpu_before;
  if (kind == LookKind::Listeners) {
    const TouringSource::Visits& visits = sources_[index(kind)]->visits();
    turn.cpu += std::exchange(hearing_cost_, Duration(0)) - visits.cpu;
    schedule_.visited(visits.count, visits.cpu);
    watch_delay(turn.since_last);
  }
  schedule_.finished(kind, turn.cpu);
  const bool soon = kind == LookKind::Listeners && monitor_->pipeline().unsettled();
  const Duration interval = soon ? schedule_.interval_when_unsettled(kind) : schedule_.interval(kind);
  turn.timer->arm(interval - (clock_.now().monotonic - turn.started.monotonic));
}

void App::finished(const Monitor::Finished& finished) {
  const Instant now = clock_.now();
  expect_more();
  if (events_) note_losses();
  queue(gate_.offer(finished.delta));
  // A baseline is kept before anybody is told of it, with what is to be told: no crash makes the next start
  // learn another one.
  const bool learned = !finished.delta.learned.empty();
  if (learned) saver_.now();
  tell({});
  watch_health(finished.kind, now);
  if (finished.kind == LookKind::Connections && counting_) note_counting();
  // The first state is written before there is a page, also where nothing at all is open: what could not be
  // read is set aside, and the next start is no first one.
  const bool first = !published_;
  if (first && !learned) saver_.now();
  if (!first && !learned && !finished.delta.empty()) saver_.soon();
  const bool due = !published_ || now.monotonic - published_->monotonic >= kPublishInterval;
  if (due || !finished.delta.empty() || finished.kind == LookKind::Connections) publish(now);
}

void App::queue(std::vector<Alert> alerts) {
  recent_alerts_.add(alerts);
  if (!alerts.empty()) delivery_.offer(std::move(alerts), clock_.now());
}

// Not before the loop is connected: what is sent may start threads, and ring.
void App::tell(std::vector<Alert> alerts) {
  const Instant now = clock_.now();
  const std::size_t unfinished = delivery_.unfinished();
  queue(std::move(alerts));
  delivery_.flush(now);
  for (const std::string& news : delivery_.take_news()) log::warning(news);
  if (delivery_.unfinished() != unfinished) saver_.soon();
  if (const auto due = delivery_.next_due()) delivery_timer_->arm(*due - now.monotonic);
}

// A receiver that was added, or whose address was mended, hears of what was told before.
void App::catch_up() {
  const std::set<std::string> lacking = delivery_.lacking(gate_.standing());
  if (lacking.empty()) return;
  delivery_.catch_up(gate_.restate(monitor_->pipeline().ledger().listeners(), lacking));
}

std::set<std::string> App::standing() const {
  std::set<std::string> subjects = gate_.standing();
  for (const RequiredRule& rule : monitor_->pipeline().missing()) subjects.insert(subject_of_rule(rule.rule));
  if (hidden_watch_) subjects.merge(hidden_watch_->standing());
  return subjects;
}

void App::watch_health(LookKind kind, Instant now) {
  const Degradation::Changes changes = degradation_[index(kind)].update(monitor_->unseen(kind), now);
  for (const Unseen& part : changes.degraded) tell(gate_.degraded(part.what, part.why, now));
  for (const std::string& part : changes.recovered) tell(gate_.recovered(part, now));
}

// Where events tell what opens, polls only check.
void App::watch_delay(Duration gap) {
  if (schedule_.relies_on_events()) gap = Duration(0);
  const auto& roster = rosters_[index(LookKind::Listeners)];
  const Instant now = clock_.now();
  if (roster && !schedule_.relies_on_events()) gap = std::max(gap, roster->longest_unvisited(now));
  switch (poll_delay_.polled(gap, schedule_.promised())) {
    case PollDelay::Change::None:
      break;
    case PollDelay::Change::Behind:
      tell(gate_.degraded(kPollsPart,
                          "something may be open for " + in_seconds(gap) +
                              " s before it is polled, instead of " + in_seconds(schedule_.promised()) +
                              " s: this machine is too busy, or has too many network namespaces",
                          now));
      break;
    case PollDelay::Change::InTime:
      tell(gate_.recovered(kPollsPart, now));
  }
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
  view->alerts.suppressed[static_cast<std::size_t>(SuppressReason::Flapping)] = gate_.flaps_folded();
  view->recent_alerts = recent_alerts_.history();
  view->event_source = events_ ? events_->kind() : EventSource::Poll;
  view->owner_source = owner_source_;
  view->connection_sources = connection_sources_;
  const LiveSource& host = sources_[index(LookKind::Listeners)]->host();
  view->socket_source = host.kind();
  view->families = host.sight().how;
  say_what_cannot_be_seen(host.sight());
  for (Unseen& gap : host.sight().gaps([&](Protocol protocol) { return has_any(*view, protocol); }))
    view->unseen.push_back(std::move(gap));
  service::status(status_text(*view, out_of_sight()));
  service::feed_watchdog();
  board_.publish(std::move(view));
  server_->wake();
  published_ = now;
}

// All or nothing: a mistake anywhere leaves what is in force as it is.
void App::reload() {
  service::reloading();
  auto fresh = load(options_);
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
    say_warnings(setup_);
    schedule_.configure(setup_.settings().watch);
    monitor_->keep_at_most(setup_.settings().watch.max_listeners);
    const Delta delta = monitor_->reload(
        setup_.policy, live_pipeline_settings(setup_.settings(), options_.proc_root), setup_.services, now);
    tell(gate_.offer(delta));
    tell(gate_.recovered(kMemoryPart, now));  // whoever reloads has decided what to expect now
    config_status_.last_reload_success = now.wall;
    log::info("reloaded: " + std::to_string(setup_.policy.rules.size()) + " rules, " +
              std::to_string(delta.updated.size()) + " listeners judged differently");
    saver_.soon();
  }
  publish(now);
  service::ready(status_text(*board_.current(), out_of_sight()));
}

Keeper::Kept App::to_keep() const {
  const std::vector<Alert> held_back = gate_.withheld();
  Keeper::Kept kept{monitor_->memory(), {}};
  if (delivery_.worth_saving() || !held_back.empty()) kept.alerts = delivery_.serialize(held_back);
  return kept;
}

void App::note_saving(const Result<void>& saved) {
  const Instant now = clock_.now();
  if (saved.ok()) return tell(gate_.recovered(kSavingPart, now));
  tell(gate_.degraded(kSavingPart,
                      saved.error().message + "; until then a restart knows what was saved before", now));
}

void App::stop() {
  service::stopping();
  tell(gate_.finish(clock_.now()));
  delivery_.finish(clock_.now());
  saver_.now();
  log::info("stopped");
  loop_.stop(0);
}

}  // namespace sockwatch
