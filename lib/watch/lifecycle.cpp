// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/lifecycle.h"

#include <algorithm>
#include <utility>

#include "lib/model/owner_identity.h"
#include "lib/policy/fit.h"

namespace sockwatch {
namespace {

// Of a crowd that shares a port so many sockets are judged with each of its owners; all are, with the first.
constexpr std::size_t kMostMembers = 64;

bool is_pending(const Listener& listener) {
  return listener.verdict.kind == VerdictKind::Pending;
}

// What was judged before its verdict had to wait: should it end before it is judged again, that life ends.
void remember_decided(ListenerChange& change) {
  if (!is_pending(change.before)) change.after.decided = change.before.verdict;
  if (!is_pending(change.after)) change.after.decided.reset();
}

bool same_sockets(const ListenerChange& change) {
  const auto same = [](const SocketRecord& a, const SocketRecord& b) { return a.id == b.id; };
  return std::equal(change.before.members.begin(), change.before.members.end(), change.after.members.begin(),
                    change.after.members.end(), same);
}

// Sockets may pass from one process to another; that alone makes nobody their new owner.
bool may_have_another_owner(const ListenerChange& change) {
  return change.before.predecessor || !same_sockets(change);
}

void compare_owners(ListenerChange& change, bool restarted, Delta& delta) {
  Owner was = change.before.predecessor.value_or(change.before.annotation.owner);
  Listener& after = change.after;
  const OwnerIdentity then = identity_of(was);
  const OwnerIdentity now = identity_of(after.annotation.owner);
  const Likeness likeness = compare(then, now);
  const bool sought = likeness == Likeness::Unknown && !is_found(after.annotation.owner);
  after.predecessor.reset();
  if (sought || is_pending(after)) {
    was.others.clear();
    was.more_others = 0;
    if (then != OwnerIdentity{}) after.predecessor = std::move(was);
    return;
  }
  const bool other_program = !then.exe.empty() && !now.exe.empty() && then.exe != now.exe;
  if (likeness == Likeness::Other) {
    delta.transitions.push_back({Event::OwnerChanged, AlertTone::Wrong, after, alone(change.before, was)});
  } else if (likeness == Likeness::Same && restarted && other_program) {
    delta.transitions.push_back({Event::OwnerChanged, AlertTone::Right, after, alone(change.before, was)});
  }
}

bool is_like(const Owner& owner, const Owner& wanted) {
  return may_be_one(owner, wanted) && owner.user == wanted.user;
}

const Owner* find_like(const std::vector<Owner>& owners, const Owner& wanted) {
  const auto found =
      std::find_if(owners.begin(), owners.end(), [&](const Owner& owner) { return is_like(owner, wanted); });
  return found == owners.end() ? nullptr : &*found;
}

Listener judged_alone(const Listener& listener, const Owner& owner, const JudgeAlone& judge) {
  Listener one = alone(listener, owner);
  one.verdict = judge(one);
  return one;
}

void note_joined(Listener& listener, Delta& delta, const JudgeAlone& judge) {
  for (const Owner& other : listener.annotation.owner.others) {
    if (find_like(listener.sharers, other) != nullptr) continue;
    const Listener second = judged_alone(listener, other, judge);
    if (is_pending(second)) continue;
    listener.sharers.push_back(other);
    // What was shared before anybody looked, and is expected, is no event.
    if (delta.cause == Cause::Baseline && second.verdict.kind == VerdictKind::Expected) continue;
    delta.transitions.push_back({Event::SecondOwner, AlertTone::Wrong, second,
                                 judged_alone(listener, listener.annotation.owner, judge)});
  }
}

bool has_just_changed_hands(const Listener& listener, const Delta& delta) {
  if (delta.transitions.empty()) return false;
  const Transition& last = delta.transitions.back();
  return last.event == Event::OwnerChanged && last.tone == AlertTone::Wrong &&
         last.listener.key == listener.key;
}

// A second owner who has the port alone now has not left: a change of owner reports him, and until that is
// certain what was reported of him stands.
void note_parted(Listener& listener, Delta& delta, const JudgeAlone& judge) {
  const Owner& owner = listener.annotation.owner;
  if (owner.state == OwnerState::Budget) return;  // some members' owners are still sought
  const bool handed_on = has_just_changed_hands(listener, delta);
  std::erase_if(listener.sharers, [&](const Owner& sharer) {
    if (find_like(owner.others, sharer) != nullptr) return false;
    if (is_like(owner, sharer)) return handed_on;
    delta.transitions.push_back(
        {Event::SecondOwner, AlertTone::Right, judged_alone(listener, sharer, judge), listener});
    return true;
  });
}

// A new policy may expect one of them and not the listener as a whole.
void note_accepted_sharers(const Listener& listener, Delta& delta, const JudgeAlone& judge) {
  if (delta.cause != Cause::Reload || listener.verdict.kind != VerdictKind::Unexpected) return;
  for (const Owner& sharer : listener.sharers) {
    Listener second = judged_alone(listener, sharer, judge);
    if (second.verdict.kind == VerdictKind::Unexpected || is_pending(second)) continue;
    delta.transitions.push_back({Event::SecondOwner, AlertTone::Right, std::move(second), listener});
  }
}

// A hint from the port's number, so only for one that a program chose, and only where there is a way out.
bool speaks_plaintext(const Listener& listener) {
  const auto& service = listener.annotation.service;
  return service && service->encryption == Encryption::No && !service->safer.empty() &&
         listener.bind() != Bind::Assigned;
}

// What a rule means for this very reach is meant to be so.
bool is_exposed(const Listener& listener, Scope plaintext_scope) {
  return listener.verdict.kind == VerdictKind::Expected && !listener.verdict.reach_meant &&
         exposure_rank(listener.annotation.scope) < exposure_rank(plaintext_scope) &&
         speaks_plaintext(listener);
}

void note_exposure(Listener& listener, Scope plaintext_scope, Delta& delta) {
  // Of what is unexpected its own alert says it; and that ends no exposure that was told before.
  if (is_pending(listener) || listener.verdict.kind == VerdictKind::Unexpected) return;
  const bool exposed = is_exposed(listener, plaintext_scope);
  if (exposed == listener.exposed) return;
  listener.exposed = exposed;
  const AlertTone tone = exposed ? AlertTone::Wrong : AlertTone::Right;
  delta.transitions.push_back({Event::PlaintextExposed, tone, listener});
}

}  // namespace

Listener alone(const Listener& listener, const Owner& owner) {
  Listener one = listener;
  if (one.members.size() > kMostMembers) one.members.resize(kMostMembers);
  one.sharers = {};
  one.annotation.owner = owner;
  one.annotation.owner.others.clear();
  one.annotation.owner.more_others = 0;
  return one;
}

void note_lifecycle(Delta& delta, Scope plaintext_scope, const JudgeAlone& judge) {
  const auto note = [&](Listener& listener) {
    note_parted(listener, delta, judge);
    note_accepted_sharers(listener, delta, judge);
    note_joined(listener, delta, judge);
    note_exposure(listener, plaintext_scope, delta);
  };
  for (Listener& listener : delta.opened) note(listener);
  for (ListenerChange& change : delta.replaced) {
    remember_decided(change);
    compare_owners(change, true, delta);
    note(change.after);
  }
  for (ListenerChange& change : delta.updated) {
    remember_decided(change);
    const bool restarted = change.before.predecessor.has_value();
    if (may_have_another_owner(change)) compare_owners(change, restarted, delta);
    note(change.after);
  }
  for (const Listener& listener : delta.closed) {
    if (listener.exposed) delta.transitions.push_back({Event::PlaintextExposed, AlertTone::Right, listener});
  }
}

}  // namespace sockwatch
