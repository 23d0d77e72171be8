// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/gate.h"

#include <algorithm>
#include <utility>

#include "lib/alert/listener_subject.h"
#include "lib/alert/messages.h"
#include "lib/alert/subject.h"

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

bool stands_for_a_change(const Transition& transition) {
  return transition.event == Event::SecondOwner || transition.event == Event::OwnerChanged;
}

// Whoever left goes first: he may be back in another place. Then by event, in the order of the listeners.
int telling_rank(const Transition& transition) {
  const bool wrong = transition.tone == AlertTone::Wrong;
  switch (transition.event) {
    case Event::SecondOwner:
      return wrong ? 3 : 0;
    case Event::OwnerChanged:
      return wrong ? 1 : 2;
    case Event::ListenerShortLived:
      return 4;
    default:
      return wrong ? 5 : 6;
  }
}

std::vector<const Transition*> in_telling_order(const Delta& delta) {
  std::vector<const Transition*> transitions;
  for (const Transition& transition : delta.transitions) transitions.push_back(&transition);
  std::stable_sort(transitions.begin(), transitions.end(), [](const Transition* a, const Transition* b) {
    return telling_rank(*a) < telling_rank(*b);
  });
  return transitions;
}

}  // namespace

Gate::Gate(AllowText allow, ParentsText parents)
    : allow_(std::move(allow)), parents_(std::move(parents)), damper_(place_and_owner) {}

std::set<std::string> Gate::standing() const {
  std::set<std::string> subjects = raised_.subjects();
  for (const std::string& part : degraded_) subjects.insert(subject_of_part(part));
  return subjects;
}

// The earlier run has told it, first of its kind or not.
void Gate::restore(const ListenerList& known) {
  for (const Listener& listener : known) {
    const bool unexpected =
        is_unexpected(listener) || (listener.decided && listener.decided->kind == VerdictKind::Unexpected);
    if (unexpected) (void)hold(listener);
    if (listener.exposed) raised_.note(listener.key, subject_of(listener, Event::PlaintextExposed));
    // Of several owners the gravest decides the verdict: where that is no bad one, none of them is.
    if (!unexpected) continue;
    for (const std::string& subject : subjects_of_sharers(listener)) raised_.note(listener.key, subject);
  }
}

std::vector<Alert> Gate::offer(const Delta& delta) {
  if (!delta.learned.empty()) alerts_.push_back(about_baseline(delta.learned, delta.time));
  const std::vector<const Transition*> transitions = in_telling_order(delta);
  const auto first_of_the_rest =
      std::find_if(transitions.begin(), transitions.end(),
                   [](const Transition* transition) { return !stands_for_a_change(*transition); });
  // First what a change means: its alert stands for the change itself.
  for (auto at = transitions.begin(); at != first_of_the_rest; ++at) pass_on(**at, delta.time);
  for (const Listener& listener : delta.opened) follow(listener, listener.opened);
  for (const ListenerChange& change : delta.replaced) {
    regroup(change, change.after.opened);
    follow(change.after, change.after.opened);
  }
  for (const ListenerChange& change : delta.updated) update(change, delta.time);
  for (auto at = first_of_the_rest; at != transitions.end(); ++at) pass_on(**at, delta.time);
  for (const ListenerChange& change : delta.replaced) drop_notes(change.after);
  for (const ListenerChange& change : delta.updated) drop_notes(change.after);
  // Last: a program that swaps one assigned port for another goes on, it does not close and open.
  for (const Listener& listener : delta.closed) close(listener, delta.time);
  for (const RequiredRule& rule : delta.missing) alerts_.push_back(about(rule, AlertTone::Wrong, delta.time));
  for (const RequiredRule& rule : delta.found) alerts_.push_back(about(rule, AlertTone::Right, delta.time));
  last_parents_.reset();
  return damper_.pass(std::exchange(alerts_, {}), delta.time);
}

void Gate::pass_on(const Transition& transition, Instant now) {
  const bool wrong = transition.tone == AlertTone::Wrong;
  switch (transition.event) {
    case Event::OwnerChanged:
      return wrong ? change_owner(*transition.other, transition.listener)
                   : upgrade(*transition.other, transition.listener);
    case Event::SecondOwner:
      return wrong ? join(*transition.other, transition.listener, now)
                   : part(transition.listener, *transition.other, now);
    case Event::ListenerShortLived:
      return pass_by(transition.listener);
    default:
      tell(about(transition.listener, transition.event, transition.tone,
                 transition.listener.closed.value_or(now)),
           transition_message(transition));
  }
}

std::vector<Alert> Gate::restate(std::span<const Listener> open, std::set<std::string> subjects) {
  for (const Listener& listener : open) {
    const Raised* held = raised_.find(listener.key);
    if (held != nullptr && is_unexpected(listener) && subjects.erase(held->subject) > 0)
      tell(about(listener, Event::ListenerOpened, AlertTone::Wrong, listener.opened),
           opened_message(listener), held->subject);
    if (listener.exposed && subjects.erase(subject_of(listener, Event::PlaintextExposed)) > 0)
      pass_on({Event::PlaintextExposed, AlertTone::Wrong, listener}, listener.opened);
  }
  return std::exchange(alerts_, {});
}

void Gate::follow(const Listener& listener, Instant when) {
  if (listener.verdict.kind == VerdictKind::Pending) return;
  if (!is_unexpected(listener)) {
    const auto ended = raised_.let_go(listener.key);
    if (!ended) return;
    // Somebody's decision, and the end of what was told.
    tell(about(listener, Event::ListenerOpened, AlertTone::Right, when), accepted_message(listener),
         ended->subject);
    return;
  }
  if (hold(listener))
    tell(about(listener, Event::ListenerOpened, AlertTone::Wrong, when), opened_message(listener));
}

// Of a handed-out port the owner is part of the name: once another owner is known, what was told under the
// old name ends, and follow() tells it under the new one.
void Gate::regroup(const ListenerChange& change, Instant when) {
  const Raised* held = raised_.find(change.after.key);
  if (held == nullptr || !is_unexpected(change.after)) return;
  const Raised now = raised_of(change.after);
  if (*held == now) return;
  const bool same_subject = held->subject == now.subject;
  const auto ended = raised_.let_go(change.after.key);
  if (same_subject) {
    (void)raised_.hold(change.after.key, now);
  } else if (ended) {
    tell(about(change.before, Event::ListenerClosed, AlertTone::Right, when), closed_message(change.before),
         ended->subject);
  }
}

// What is wrong comes with the way out. Only of alerts about a listener.
void Gate::tell(Alert alert, std::string message, std::string subject) {
  alert.message = std::move(message);
  if (alert.tone == AlertTone::Wrong) alert.allow = allow_(*alert.listener);
  alert.parents = parents_of(alert.listener->annotation.owner);
  alert.subject = subject.empty() ? subject_of(*alert.listener, alert.event) : std::move(subject);
  if (stands_beside(alert.event)) {
    if (alert.tone == AlertTone::Wrong) {
      raised_.note(alert.listener->key, alert.subject);
    } else {
      (void)raised_.take_note(alert.listener->key, alert.subject);  // a notice ends nothing
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
  regroup(change, now);
  const bool waited = change.before.verdict.kind == VerdictKind::Pending;
  follow(change.after, waited ? change.after.opened : now);
}

void Gate::change_owner(const Listener& before, const Listener& after) {
  const Instant when = after.opened;
  if (is_assigned(before) && is_assigned(after)) {
    // The kernel gave one program's old port to another: two listeners that never met.
    return close(before, when);
  }
  // Nobody hears of what is ignored, but that it stands where somebody was expected is a change.
  const VerdictKind was = before.verdict.kind;
  const bool was_expected = was == VerdictKind::Expected || was == VerdictKind::Pending;
  if (after.verdict.kind == VerdictKind::Ignored && !was_expected) return;
  (void)raised_.let_go(after.key);  // what was raised about the old owner is told by this alert
  const bool wrong = is_unexpected(after);
  if (wrong) (void)hold(after);  // this alert raises it, whatever else of that owner is open
  Alert alert = about(after, Event::OwnerChanged, wrong ? AlertTone::Wrong : AlertTone::Right, when);
  alert.other = before.annotation.owner;
  tell(std::move(alert), owner_changed_message(before, after));
}

// Nothing is wrong; whoever looks for the reason of a change finds it here.
void Gate::upgrade(const Listener& before, const Listener& after) {
  if (after.verdict.kind == VerdictKind::Ignored) return;
  Alert alert = about(after, Event::OwnerChanged, AlertTone::Right, after.opened);
  alert.severity = Severity::Info;
  alert.other = before.annotation.owner;
  tell(std::move(alert), upgraded_message(before, after));
  alerts_.back().subject.clear();  // it neither raises anything nor ends it
}

void Gate::join(const Listener& first, const Listener& second, Instant now) {
  if (second.verdict.kind == VerdictKind::Ignored) return;
  const bool wrong = is_unexpected(second);
  // Of UDP many share a port by design: multicast DNS, SSDP. What the policy expects there is no news. Nor is
  // it where a stranger has the port: that would read as if all were well.
  if (!wrong && (is_datagram(second) || is_unexpected(first))) return;
  // Else the listener is unexpected because of the second owner, and this alert says so.
  if (wrong && !is_unexpected(first)) (void)hold(second);
  Alert alert = about(second, Event::SecondOwner, wrong ? AlertTone::Wrong : AlertTone::Right, now);
  alert.other = first.annotation.owner;
  tell(std::move(alert), second_owner_message(first, second));
}

void Gate::part(const Listener& left, const Listener& remaining, Instant now) {
  const bool noted = raised_.take_note(left.key, subject_of(left, Event::SecondOwner));
  if (!is_unexpected(left) && !noted) return;
  if (!is_unexpected(remaining)) (void)raised_.let_go(left.key);
  Alert alert = about(left, Event::SecondOwner, AlertTone::Right, now);
  alert.other = remaining.annotation.owner;
  tell(std::move(alert),
       is_unexpected(left) ? second_owner_left_message(left, remaining) : accepted_message(left));
}

// What was told of second owners and ended in another way: one of them has the port alone now and was told
// as its owner, or a rule expects them all.
void Gate::drop_notes(const Listener& listener) {
  if (!raised_.has_notes(listener.key)) return;
  const bool none =
      listener.verdict.kind == VerdictKind::Expected || listener.verdict.kind == VerdictKind::Ignored;
  raised_.keep_notes(listener.key, kSecondOwner,
                     none ? std::set<std::string>() : subjects_of_sharers(listener));
}

void Gate::close(const Listener& listener, Instant when) {
  raised_.keep_notes(listener.key, {}, {});
  const auto ended = raised_.let_go(listener.key);
  if (!ended) return;
  tell(about(listener, Event::ListenerClosed, AlertTone::Right, listener.closed.value_or(when)),
       closed_message(listener), ended->subject);
}

bool Gate::hold(const Listener& listener) {
  return raised_.hold(listener.key, raised_of(listener));
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
