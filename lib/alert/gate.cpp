// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/gate.h"

#include <utility>

#include "lib/alert/messages.h"
#include "lib/alert/subject.h"
#include "lib/model/owner_identity.h"
#include "lib/model/place.h"

namespace sockwatch {
namespace {

bool is_unexpected(const Listener& listener) {
  return listener.verdict.kind == VerdictKind::Unexpected;
}

bool is_datagram(const Listener& listener) {
  return listener.key.protocol == Protocol::Udp || listener.key.protocol == Protocol::Udplite;
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
  alert.subject = subject_of_rule(rule.rule);
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

Gate::Gate(AllowText allow, ParentsText parents)
    : allow_(std::move(allow)), parents_(std::move(parents)), damper_([](const Alert& alert) {
        return alert.listener ? subject_of(place_of(*alert.listener)) : std::string();
      }) {}

Gate::Place Gate::place_of(const Listener& listener) {
  const Protocol protocol = listener.key.protocol;
  Endpoint local = listener.key.local;
  if (has_ip_address(protocol)) local.interface_index = 0;  // one address on two interfaces is one place
  if (is_assigned(listener)) local.name.clear();
  std::string address = address_text(protocol, local);
  // Of a socket whose name stands for address and port, what sets it apart.
  if (protocol == Protocol::Packet) address += " " + ethertype_text(local.port);
  if (listener.key.promiscuous) address += " promiscuous";
  return {identity_of(listener), std::move(address)};
}

std::string Gate::subject_of(const Place& place) {
  const auto& [identity, address] = place;
  const bool named = !has_scope(identity.protocol) && identity.port != word(Bind::Assigned);
  return subject_of_place(identity.name_space, identity.protocol, address,
                          named ? std::string() : identity.port, identity.owner + "|" + identity.program);
}

std::string Gate::subject_of(const Alert& alert) {
  const std::string place = subject_of(place_of(*alert.listener));
  switch (alert.event) {
    case Event::SecondOwner:
      return "second owner of " + place;
    case Event::PlaintextExposed:
      return "plaintext on " + place;
    case Event::ListenerShortLived:
      return {};
    default:
      return place;
  }
}

std::set<std::string> Gate::standing() const {
  std::set<std::string> subjects = noted_;
  for (const auto& [place, count] : holding_) subjects.insert(subject_of(place));
  for (const std::string& part : degraded_) subjects.insert(subject_of_part(part));
  return subjects;
}

void Gate::restore(std::span<const Listener> known) {
  for (const Listener& listener : known) {
    if (is_unexpected(listener)) (void)hold(listener);  // told by the earlier run, first of its kind or not
    if (listener.exposed)
      noted_.insert(subject_of(about(listener, Event::PlaintextExposed, AlertTone::Wrong, {})));
    for (const Owner& sharer : listener.sharers) {
      Listener second = listener;
      second.annotation.owner = sharer;
      noted_.insert(subject_of(about(second, Event::SecondOwner, AlertTone::Wrong, {})));
    }
  }
}

std::vector<Alert> Gate::offer(const Delta& delta) {
  if (!delta.learned.empty()) alerts_.push_back(about_baseline(delta.learned, delta.time));
  // First what a change means: its alert stands for the change itself.
  for (const ListenerChange& change : delta.parted) part(change, delta.time);
  for (const ListenerChange& change : delta.owner_changed) change_owner(change);
  for (const ListenerChange& change : delta.upgraded) upgrade(change);
  for (const ListenerChange& change : delta.joined) join(change, delta.time);
  for (const Listener& listener : delta.opened) follow(listener, listener.opened);
  for (const ListenerChange& change : delta.replaced) follow(change.after, change.after.opened);
  for (const ListenerChange& change : delta.updated) update(change, delta.time);
  for (const Listener& listener : delta.short_lived) pass_by(listener);
  for (const Listener& listener : delta.exposed) expose(listener, delta.time);
  for (const Listener& listener : delta.covered) cover(listener, delta.time);
  // Last: a program that swaps one assigned port for another goes on, it does not close and open.
  for (const Listener& listener : delta.closed) close(listener, delta.time);
  for (const RequiredRule& rule : delta.missing) alerts_.push_back(about(rule, AlertTone::Wrong, delta.time));
  for (const RequiredRule& rule : delta.found) alerts_.push_back(about(rule, AlertTone::Right, delta.time));
  last_parents_.reset();
  return damper_.pass(std::exchange(alerts_, {}), delta.time);
}

void Gate::follow(const Listener& listener, Instant when) {
  if (listener.verdict.kind == VerdictKind::Pending) return;
  if (!is_unexpected(listener)) {
    if (!let_go(listener.key)) return;
    // Somebody's decision, and the end of what was told.
    tell(about(listener, Event::ListenerOpened, AlertTone::Right, when), accepted_message(listener));
    return;
  }
  if (hold(listener))
    tell(about(listener, Event::ListenerOpened, AlertTone::Wrong, when), opened_message(listener));
}

// What is wrong comes with the way out. Only of alerts about a listener.
void Gate::tell(Alert alert, std::string message) {
  alert.message = std::move(message);
  if (alert.tone == AlertTone::Wrong) alert.allow = allow_(*alert.listener);
  alert.parents = parents_of(alert.listener->annotation.owner);
  alert.subject = subject_of(alert);
  if (alert.event == Event::SecondOwner || alert.event == Event::PlaintextExposed) {
    if (alert.tone == AlertTone::Wrong) {
      noted_.insert(alert.subject);
    } else {
      noted_.erase(alert.subject);
    }
  }
  alerts_.push_back(std::move(alert));
}

std::string Gate::parents_of(const Owner& owner) {
  if (!parents_ || owner.holders.empty()) return {};
  const ProcessId& id = owner.holders.front().id;
  if (!last_parents_ || last_parents_->first != id) last_parents_.emplace(id, parents_(owner));
  return last_parents_->second;
}

// Over before anyone could act on it, so nothing is held open and every one is told.
void Gate::pass_by(const Listener& listener) {
  if (!is_unexpected(listener)) return;
  tell(about(listener, Event::ListenerShortLived, AlertTone::Wrong, listener.opened),
       short_lived_message(listener));
}

// A verdict that waited is about the opening; one that changed is about now.
void Gate::update(const ListenerChange& change, Instant now) {
  const bool waited = change.before.verdict.kind == VerdictKind::Pending;
  follow(change.after, waited ? change.after.opened : now);
}

void Gate::change_owner(const ListenerChange& change) {
  const Listener& after = change.after;
  const Instant when = after.opened;
  if (is_assigned(change.before) && is_assigned(after)) {
    // The kernel gave one program's old port to another: two listeners that never met.
    return close(change.before, when);
  }
  if (after.verdict.kind == VerdictKind::Ignored) return;
  (void)let_go(after.key);  // what was raised about the old owner is told by this alert
  const bool wrong = is_unexpected(after);
  if (wrong) (void)hold(after);  // this alert raises it, whatever else of that owner is open
  Alert alert = about(after, Event::OwnerChanged, wrong ? AlertTone::Wrong : AlertTone::Right, when);
  alert.other = change.before.annotation.owner;
  tell(std::move(alert), owner_changed_message(change.before, after));
}

// Nothing is wrong; whoever looks for the reason of a change finds it here.
void Gate::upgrade(const ListenerChange& change) {
  if (change.after.verdict.kind == VerdictKind::Ignored) return;
  Alert alert = about(change.after, Event::OwnerChanged, AlertTone::Right, change.after.opened);
  alert.severity = Severity::Info;
  alert.other = change.before.annotation.owner;
  tell(std::move(alert), upgraded_message(change.before, change.after));
  alerts_.back().subject.clear();  // it neither raises anything nor ends it
}

void Gate::join(const ListenerChange& change, Instant now) {
  const Listener& second = change.after;
  if (second.verdict.kind == VerdictKind::Ignored) return;
  const bool wrong = is_unexpected(second);
  // Of UDP many share a port by design: multicast DNS, SSDP. What the policy expects there is no news.
  if (!wrong && is_datagram(second)) return;
  // Else the listener is unexpected because of the second owner, and this alert says so.
  if (wrong && !is_unexpected(change.before)) (void)hold(second);
  Alert alert = about(second, Event::SecondOwner, wrong ? AlertTone::Wrong : AlertTone::Right, now);
  alert.other = change.before.annotation.owner;
  tell(std::move(alert), second_owner_message(change.before, second));
}

void Gate::part(const ListenerChange& change, Instant now) {
  const Listener& left = change.before;
  if (!is_unexpected(left)) return;
  if (!is_unexpected(change.after)) (void)let_go(left.key);
  Alert alert = about(left, Event::SecondOwner, AlertTone::Right, now);
  alert.other = change.after.annotation.owner;
  tell(std::move(alert), second_owner_left_message(left, change.after));
}

void Gate::expose(const Listener& listener, Instant now) {
  tell(about(listener, Event::PlaintextExposed, AlertTone::Wrong, now), plaintext_message(listener));
}

void Gate::cover(const Listener& listener, Instant now) {
  tell(about(listener, Event::PlaintextExposed, AlertTone::Right, listener.closed.value_or(now)),
       plaintext_over_message(listener));
}

void Gate::close(const Listener& listener, Instant when) {
  if (!let_go(listener.key)) return;
  tell(about(listener, Event::ListenerClosed, AlertTone::Right, listener.closed.value_or(when)),
       closed_message(listener));
}

bool Gate::hold(const Listener& listener) {
  const auto [at, added] = raised_.try_emplace(listener.key, place_of(listener));
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
  Alert alert = about_monitor(Event::MonitorDegraded, AlertTone::Wrong, degraded_message(what, why), now);
  alert.subject = subject_of_part(what);
  return {std::move(alert)};
}

std::vector<Alert> Gate::recovered(const std::string& what, Instant now) {
  if (degraded_.erase(what) == 0) return {};
  Alert alert = about_monitor(Event::MonitorRecovered, AlertTone::Right, recovered_message(what), now);
  alert.subject = subject_of_part(what);
  return {std::move(alert)};
}

}  // namespace sockwatch
