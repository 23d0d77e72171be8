// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/gate.h"

#include <utility>

#include "lib/alert/messages.h"

namespace sockwatch {
namespace {

bool is_unexpected(const Listener& listener) {
  return listener.verdict.kind == VerdictKind::Unexpected;
}

bool is_assigned(const Listener& listener) {
  return listener.bind() == Bind::Assigned;
}

Alert about(const Listener& listener, Event event, AlertTone tone, Instant when) {
  Alert alert;
  alert.event = event;
  alert.tone = tone;
  alert.severity = listener.verdict.severity;
  alert.time = when;
  alert.listener = listener;
  return alert;
}

Alert about(const RequiredRule& rule, AlertTone tone, Instant when) {
  Alert alert;
  alert.event = Event::ListenerMissing;
  alert.tone = tone;
  alert.severity = rule.severity;
  alert.time = when;
  alert.message = tone == AlertTone::Wrong ? missing_message(rule) : found_message(rule);
  alert.rule = rule.rule;
  return alert;
}

Alert about_monitor(Event event, AlertTone tone, std::string message, Instant when) {
  Alert alert;
  alert.event = event;
  alert.tone = tone;
  alert.time = when;
  alert.message = std::move(message);
  return alert;
}

// Nothing is wrong, but somebody should read it once: an intruder who was there first is learned as well.
Alert about_baseline(std::span<const Listener> learned, Instant when) {
  Alert alert = about_monitor(Event::BaselineLearned, AlertTone::Right, baseline_message(learned), when);
  alert.severity = Severity::Info;
  return alert;
}

}  // namespace

Gate::Identity Gate::identity_of_listener(const Listener& listener) {
  Endpoint place = listener.key.local;
  place.interface_index = 0;
  if (is_assigned(listener)) {
    place.port = 0;
    place.name.clear();
  }
  return {listener.annotation.name_space, listener.key.protocol, std::move(place),
          identity_of(listener.annotation.owner)};
}

void Gate::restore(std::span<const Listener> known) {
  for (const Listener& listener : known) {
    if (is_unexpected(listener)) (void)hold(listener);  // told by the earlier run, first of its kind or not
  }
}

std::vector<Alert> Gate::offer(const Delta& delta) {
  if (!delta.learned.empty()) alerts_.push_back(about_baseline(delta.learned, delta.time));
  for (const Listener& listener : delta.opened) follow(listener, listener.opened);
  for (const ListenerChange& change : delta.replaced) replace(change);
  for (const ListenerChange& change : delta.updated) update(change, delta.time);
  for (const Listener& listener : delta.short_lived) pass_by(listener);
  // Last: a program that swaps one assigned port for another goes on, it does not close and open.
  for (const Listener& listener : delta.closed) close(listener, delta.time);
  for (const RequiredRule& rule : delta.missing) alerts_.push_back(about(rule, AlertTone::Wrong, delta.time));
  for (const RequiredRule& rule : delta.found) alerts_.push_back(about(rule, AlertTone::Right, delta.time));
  return std::exchange(alerts_, {});
}

void Gate::follow(const Listener& listener, Instant when) {
  if (listener.verdict.kind == VerdictKind::Pending) return;
  if (!is_unexpected(listener)) {
    (void)let_go(listener.key);  // expected from now on by somebody's decision: nothing to tell
    return;
  }
  if (!hold(listener)) return;
  Alert alert = about(listener, Event::ListenerOpened, AlertTone::Wrong, when);
  alert.message = opened_message(listener);
  alert.allow = allow_(listener);
  alerts_.push_back(std::move(alert));
}

// Over before anyone could act on it, so nothing is held open and every one is told.
void Gate::pass_by(const Listener& listener) {
  if (!is_unexpected(listener)) return;
  Alert alert = about(listener, Event::ListenerShortLived, AlertTone::Wrong, listener.opened);
  alert.message = short_lived_message(listener);
  alert.allow = allow_(listener);
  alerts_.push_back(std::move(alert));
}

void Gate::replace(const ListenerChange& change) {
  if (change.after.verdict.kind == VerdictKind::Pending) {
    unsettled_.try_emplace(change.after.key, change.before);
    return;
  }
  const auto waiting = unsettled_.extract(change.after.key);
  settle(waiting ? waiting.mapped() : change.before, change.after);
}

void Gate::update(const ListenerChange& change, Instant when) {
  if (change.after.verdict.kind == VerdictKind::Pending) return;
  const auto waiting = unsettled_.extract(change.after.key);
  if (waiting) {
    settle(waiting.mapped(), change.after);
  } else {
    // A verdict that waited is about the opening; one that changed is about now.
    follow(change.after, change.before.verdict.kind == VerdictKind::Pending ? change.after.opened : when);
  }
}

void Gate::settle(const Listener& before, const Listener& after) {
  const Instant when = after.opened;
  if (!differ(identity_of(before.annotation.owner), identity_of(after.annotation.owner))) {
    follow(after, when);
    return;
  }
  if (is_assigned(before) && is_assigned(after)) {
    // The kernel gave one program's old port to another: two listeners that never met.
    close(before, when);
    follow(after, when);
    return;
  }
  (void)let_go(after.key);  // what was raised about the old owner is told by this alert
  if (after.verdict.kind == VerdictKind::Ignored) return;
  const bool wrong = is_unexpected(after);
  Alert alert = about(after, Event::OwnerChanged, wrong ? AlertTone::Wrong : AlertTone::Right, when);
  alert.message = owner_changed_message(before, after);
  if (wrong) {
    (void)hold(after);  // this alert raises it, whatever else of that owner is open
    alert.allow = allow_(after);
  }
  alerts_.push_back(std::move(alert));
}

void Gate::close(const Listener& listener, Instant when) {
  unsettled_.erase(listener.key);
  if (!let_go(listener.key)) return;
  Alert alert = about(listener, Event::ListenerClosed, AlertTone::Right, listener.closed.value_or(when));
  alert.message = closed_message(listener);
  alerts_.push_back(std::move(alert));
}

bool Gate::hold(const Listener& listener) {
  const auto [at, added] = raised_.try_emplace(listener.key, identity_of_listener(listener));
  return added && ++holding_[at->second] == 1;
}

bool Gate::let_go(const ListenerKey& key) {
  const auto raised = raised_.extract(key);
  if (!raised) return false;
  const auto holding = holding_.find(raised.mapped());
  if (--holding->second > 0) return false;
  holding_.erase(holding);
  return true;
}

std::vector<Alert> Gate::degraded(const std::string& what, const std::string& why, Instant now) {
  if (!degraded_.insert(what).second) return {};
  return {about_monitor(Event::MonitorDegraded, AlertTone::Wrong, degraded_message(what, why), now)};
}

std::vector<Alert> Gate::recovered(const std::string& what, Instant now) {
  if (degraded_.erase(what) == 0) return {};
  return {about_monitor(Event::MonitorRecovered, AlertTone::Right, recovered_message(what), now)};
}

}  // namespace sockwatch
