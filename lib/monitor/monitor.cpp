// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/monitor.h"

#include <utility>

#include "lib/base/text.h"
#include "lib/monitor/listener_hashes.h"
#include "lib/policy/required.h"
#include "lib/policy/rule.h"
#include "lib/watch/event_totals.h"

namespace sockwatch {
namespace {

// The loop stands still meanwhile.
constexpr Duration kHearAtEnd = std::chrono::milliseconds(5);

}  // namespace

bool Monitor::can_start(LookKind kind) const {
  const LookKind other = kind == LookKind::Listeners ? LookKind::Connections : LookKind::Listeners;
  const bool shared = sources_[index(kind)] == sources_[index(other)];
  return !busy(kind) && !(shared && busy(other));
}

void Monitor::start(LookKind kind, Instant now) {
  looking_[index(kind)] = now;
  if (kind == LookKind::Listeners) {
    if (intake_) intake_->start(pipeline_.policy(), pipeline_.ledger());
    snapshot_.start(intake_ ? &*intake_ : nullptr);
  } else {
    fold_.start(pipeline_.ledger().places(), pipeline_.ask_for_unclear());
  }
  sources_[index(kind)]->start(kind, now);
}

std::optional<Monitor::Finished> Monitor::step(LookKind kind, int datagrams, const Clock& clock) {
  if (work(kind, datagrams)) return std::nullopt;
  return finish(kind, clock);
}

bool Monitor::work(LookKind kind, int datagrams) {
  RecordSink& sink = kind == LookKind::Listeners ? static_cast<RecordSink&>(snapshot_) : fold_;
  return sources_[index(kind)]->step(sink, datagrams);
}

Monitor::Finished Monitor::finish(LookKind kind, const Clock& clock) {
  while (prepare(kind)) {
  }
  const Instant started = *std::exchange(looking_[index(kind)], std::nullopt);
  const LookReport& report = sources_[index(kind)]->report();
  Finished finished{kind, report.result(), {}};
  unseen_[index(kind)] = report.unseen;
  totals_.malformed_messages += report.malformed;
  if (kind == LookKind::Listeners) {
    finished.delta = finish_listeners(started, clock);
  } else {
    finished.delta = finish_connections(clock.now());
  }
  LookTotals& counted = looks(kind);
  ++counted.polls[index(finished.result)];
  counted.duration.observe(clock.now().monotonic - started.monotonic);
  if (finished.result != LookResult::Failed) counted.last_success = started;
  return finished;
}

Monitor::Finished Monitor::look(LookKind kind, const Clock& clock) {
  start(kind, clock.now());
  for (;;) {
    if (auto finished = step(kind, 64, clock)) return *std::move(finished);
  }
}

bool Monitor::hear_part() {
  if (feed_ == nullptr || !feed_->drain(events_)) return false;
  ++heard_;
  return true;
}

bool Monitor::hear(Duration cpu) {
  const Duration end = thread_cpu_time() + cpu;
  while (hear_part()) {
    if (thread_cpu_time() >= end) return true;
  }
  return false;
}

bool Monitor::prepare(LookKind kind) {
  if (kind != LookKind::Listeners) return false;
  if (prepared_ != nullptr) return pipeline_.check_owners(prepared_->time.monotonic);
  take_records();
  return true;
}

void Monitor::take_records() {
  prepared_ = &snapshot_.finish(*looking_[index(LookKind::Listeners)]);
  const LookReport& report = sources_[index(LookKind::Listeners)]->report();
  prepared_->complete = report.complete;
  prepared_->torn = report.torn;
  prepared_->whole = report.unseen.empty();
  if (intake_) intake_->finish(*prepared_);
  // Of all that it shows, the events that told of it have been told by now. Under a flood the rest comes
  // later.
  (void)hear(kHearAtEnd);
}

Delta Monitor::finish_listeners(Instant started, const Clock& clock) {
  const Snapshot& snapshot = *std::exchange(prepared_, nullptr);
  if (intake_) count_crowd();
  Delta delta = pipeline_.take(snapshot);
  count_deferred();
  if (events_.roster != nullptr) {
    for (const NamespaceId id : pipeline_.unsettled_namespaces()) events_.roster->want(id);
  }
  if (pipeline_.unsettled()) sources_[index(LookKind::Listeners)]->hurry();
  // What this look found opened after the last one began.
  std::optional<Duration> since_last;
  if (const auto& last = looks(LookKind::Listeners).last_success)
    since_last = started.monotonic - last->monotonic;
  count(delta, clock.now(), since_last, totals_);
  return delta;
}

// What nobody has judged yet is out of sight, and who opened most of it is said if it lasts.
void Monitor::count_deferred() {
  const Backlog& backlog = pipeline_.ledger().backlog();
  crowd_.deferred = backlog.size();
  if (crowd_.deferred == 0) return;
  const auto [uid, most] = backlog.most();
  CrowdCounts who;
  who.over_limit.push_back({uid, 0, {}, {}, most});
  pipeline_.annotate(who);
  unseen_[index(LookKind::Listeners)].push_back(
      {"listeners that opened at once", std::to_string(crowd_.deferred) + " are yet to be judged, " +
                                            std::to_string(most) + " of them of user " +
                                            printable(who.over_limit.front().user)});
}

// What there is no room for is out of sight, and who has most of it is said.
void Monitor::count_crowd() {
  crowd_ = intake_->counts();
  if (crowd_.over_limit.empty()) return;
  pipeline_.annotate(crowd_);
  const OverLimit& most = crowd_.over_limit.front();
  std::string who = "user " + printable(most.user);
  if (!most.unit.empty()) who += " in " + printable(most.unit);
  unseen_[index(LookKind::Listeners)].push_back(
      {"listeners past watch.max_listeners", std::to_string(crowd_.sockets_over_limit) +
                                                 " sockets are counted and not judged one by one, " +
                                                 std::to_string(most.sockets) + " of them of " + who});
}

Delta Monitor::finish_connections(Instant now) {
  Delta delta;
  const LookReport& report = sources_[index(LookKind::Connections)]->report();
  // A look that saw nothing at all is no proof that all connections are gone.
  if (report.result() != LookResult::Failed) pipeline_.take(fold_.finish(now));
  if (report.complete[index(Protocol::Udp)]) delta = pipeline_.settle_unclear(fold_.met(), now);
  count(delta, now, std::nullopt, totals_);
  return delta;
}

std::vector<Unseen> Monitor::unseen() const {
  std::vector<Unseen> all;
  for (const auto& unseen : unseen_) all.insert(all.end(), unseen.begin(), unseen.end());
  if (events_.roster != nullptr) {
    for (Unseen& part : events_.roster->out_of_sight()) all.push_back(std::move(part));
  }
  return all;
}

Delta Monitor::reload(Policy policy, PipelineSettings settings, ServiceTable services, Instant now) {
  policy_hash_.clear();
  return pipeline_.reload(std::move(policy), settings, std::move(services), now);
}

// Of very many listeners once a second: then this is more expensive than all else that a reader of a view
// does.
void Monitor::hash(const ListenerList& listeners, Instant now) {
  constexpr std::size_t kMany = 4096;
  const std::uint64_t generation = pipeline_.ledger().generation();
  if (hashes_.generation == generation) return;
  const bool soon = hashes_.generation && now.monotonic - hashes_.made < std::chrono::seconds(1);
  if (listeners.size() >= kMany && soon) return;
  const auto hashed = std::make_shared<const ListenerList>(listeners);
  hashes_ = {generation, now.monotonic, Lazy<std::string>([hashed] { return listener_set_hash(*hashed); }),
             Lazy<std::string>([hashed] { return listeners_revision(*hashed); })};
}

View Monitor::view(Instant now) {
  View view;
  view.time = now;
  view.listeners = pipeline_.ledger().shared();
  view.connections = pipeline_.connections();
  view.required = names_of_required(pipeline_.policy());
  view.missing = pipeline_.missing();
  view.unseen = unseen();
  view.totals = totals_;
  if (policy_hash_.empty()) policy_hash_ = policy_hash(pipeline_.policy());
  view.config.policy_hash = policy_hash_;
  view.config.policy_rules = pipeline_.policy().rules.size();
  hash(view.listeners, now);
  view.listener_set_hash = hashes_.set;
  view.listeners_revision = hashes_.revision;
  view.crowd = crowd_;
  view.namespaces_watched = 1;
  if (events_.roster != nullptr) {
    view.namespaces_watched += events_.roster->watched();
    view.namespaces_unreadable = events_.roster->unreadable();
  }
  return view;
}

}  // namespace sockwatch
