// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/pipeline.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

#include "lib/model/properties.h"
#include "lib/watch/lifecycle.h"

namespace sockwatch {
namespace {

// The listeners of a delta that are open: those that get annotated and judged.
std::vector<Listener*> open_listeners(Delta& delta) {
  std::vector<Listener*> open;
  for (Listener& listener : delta.opened) open.push_back(&listener);
  for (ListenerChange& change : delta.replaced) open.push_back(&change.after);
  for (ListenerChange& change : delta.updated) open.push_back(&change.after);
  return open;
}

std::vector<ListenerKey> keys_of(const Delta& delta) {
  std::vector<ListenerKey> keys;
  for (const auto* listeners : {&delta.opened, &delta.closed}) {
    for (const Listener& listener : *listeners) keys.push_back(listener.key);
  }
  for (const auto* changes : {&delta.replaced, &delta.updated}) {
    for (const ListenerChange& change : *changes) keys.push_back(change.after.key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool nothing_new(const ListenerChange& change) {
  const auto what_counts = [](const Listener& listener) {
    return std::tie(listener.annotation.owner, listener.verdict, listener.predecessor, listener.sharers,
                    listener.exposed, listener.decided);
  };
  return what_counts(change.before) == what_counts(change.after) &&
         change.before.members.size() == change.after.members.size() &&
         same_properties(change.before, change.after);
}

// Who opened what is gone is the last who is known to have had it.
void hand_to_opener(Owner& owner) {
  if (!owner.holders.empty() || !owner.opener) return;
  owner.holders = {*owner.opener};
  owner.user = owner.opener->user;
  owner.state = OwnerState::Known;
}

void note_short_lived(std::vector<Listener> listeners, Delta& delta) {
  for (Listener& gone : listeners)
    delta.transitions.push_back({Event::ListenerShortLived, AlertTone::Wrong, std::move(gone)});
}

// Of several owners the one whose presence is the gravest decides.
bool is_graver(const Verdict& one, const Verdict& other) {
  constexpr std::array<int, kWordCount<VerdictKind>> kGravity{1, 3, 0, 2};
  return kGravity[static_cast<std::size_t>(one.kind)] > kGravity[static_cast<std::size_t>(other.kind)];
}

}  // namespace

Pipeline::Pipeline(Annotator annotator, Policy policy, PipelineSettings settings)
    : annotator_(std::move(annotator)),
      verdicts_(std::move(policy), settings),
      settings_(std::move(settings)),
      ledger_(settings_.restart_grace) {}

void Pipeline::restore(Memory memory) {
  complete(memory, [this](const std::string& user) { return annotator_.uid_of(user); });
  verdicts_.learned() = std::move(memory.learned);
  std::vector<ListenerKey> keys;
  for (const Listener& listener : memory.known) keys.push_back(listener.key);
  pending_.add(keys);
  ledger_.restore(memory.known);
}

Delta Pipeline::take(const Snapshot& snapshot) {
  // What is different from the last look? A baseline is whole, however many are open.
  const bool all = first_ || looks_to_learn_ > 0;
  Delta delta = ledger_.diff(snapshot, all ? Backlog::kNoLimit : settings_.intake_of_poll);
  delta.cause = first_ ? Cause::Baseline : Cause::Poll;
  // Did an event tell of it first?
  recognise(delta);
  // Is what was found out about owners still true?
  pending_.add(owner_checks_.due(ledger_, annotator_, snapshot.time.monotonic));
  // Whose it is may have been out of reach then: ask again for those, and judge again what has lasted.
  seek_lasting(snapshot.time);
  revisit(snapshot, delta);
  // Whose is it, and what is it for?
  annotate(delta);
  // At the very first start, what is open is expected, and listed once.
  if (looks_to_learn_ > 0) learn(delta, snapshot.whole);
  // Was that expected?
  judge(delta);
  verdicts_.note_pending(delta);
  // Is somebody else behind it, or a second one; is it readable from afar?
  note_meaning(delta);
  std::erase_if(delta.updated, nothing_new);
  // From here on this is what is known.
  ledger_.commit(delta, snapshot);
  remember_pending(delta);
  // What did events tell of that no look will ever show?
  note_short_lived(short_lived(events_.settle(snapshot, delta.deferred)), delta);
  // What went before its owner was found?
  for (Listener& gone : ledger_.take_undecided()) {
    hand_to_opener(gone.annotation.owner);
    gone.verdict = verdicts_.for_good(gone);
    delta.transitions.push_back({Event::ListenerShortLived, AlertTone::Wrong, std::move(gone)});
  }
  // What should be there, and is not? A torn look cannot say.
  if (snapshot.whole) check_required(delta);
  first_ = false;
  verdicts_.first_poll_is_over();
  return delta;
}

void Pipeline::take(SocketEvent event) {
  if (std::count(settings_.families.begin(), settings_.families.end(), event.record.protocol) == 0) return;
  // What some look has shown is the ledger's business, and so is its end.
  if (ledger_.contains(event.record)) return take_known(event);
  using Kind = SocketEvent::Kind;
  const bool tells_owner = event.kind == Kind::Opened || event.kind == Kind::Bound ||
                           (event.record.protocol == Protocol::Udp && !events_.knows(event));
  if (tells_owner && event.caller) {
    // In a pid namespace of our own, a caller without a pid is outside of it, and so is his socket.
    if (event.caller->id.pid == 0 && event.record.id.cookie == 0) return;
    if (!annotator_.recognise(*event.caller, event.record.id.cookie != 0)) return;
    // A pid that may be another's by now names nobody.
    if (event.caller->id.start_ticks == 0) event.caller.reset();
  }
  events_.accept(event);
}

void Pipeline::take_known(const SocketEvent& event) {
  const SocketRecord& record = event.record;
  if (event.kind == SocketEvent::Kind::Connected) {
    if (verdicts_.may_get_peer(*ledger_.find(record), event.time)) ledger_.note_client(record);
    return;
  }
  // A poll sees a port that the kernel handed out where an event has seen that the program left it no choice.
  if (record.bind != Bind::Explicit || !ledger_.note_choice(record)) return;
  pending_.add({key_of(record)});
  pending_.make_urgent();
}

void Pipeline::take(ConnectionTally tally) {
  annotator_.annotate(tally);
  ledger_.commit(tally);
  connections_ = std::move(tally);
}

Delta Pipeline::settle_unclear(std::span<const SocketId> met, Instant now) {
  Delta delta;
  delta.time = now;
  note_short_lived(short_lived(events_.settle_unclear(met)), delta);
  return delta;
}

Delta Pipeline::reload(Policy policy, PipelineSettings settings, ServiceTable services, Instant now) {
  verdicts_.set(std::move(policy), settings);
  settings_ = settings;
  ledger_.set_restart_grace(settings.restart_grace);
  annotator_.set_services(std::move(services));
  Delta delta;
  delta.cause = Cause::Reload;
  delta.time = now;
  ledger_.for_each([&delta](const Listener& listener) { delta.updated.push_back({listener, listener}); });
  // Whose they are has not changed with the policy.
  for (ListenerChange& change : delta.updated) annotator_.describe(change.after);
  judge(delta);
  note_meaning(delta);
  std::erase_if(delta.updated, nothing_new);
  ledger_.commit(delta);
  remember_pending(delta);
  check_required(delta);
  return delta;
}

// What this poll has not asked for, as UNIX sockets or another namespace, waits for one that does.
void Pipeline::revisit(const Snapshot& snapshot, Delta& delta) {
  const auto is_searched = [this](std::uint32_t inode) {
    return annotator_.owners() != nullptr && annotator_.owners()->looks_for(inode);
  };
  const std::size_t most = first_ ? Backlog::kNoLimit : settings_.intake_of_poll;
  for (const ListenerKey& key : pending_.choose(ledger_, snapshot, keys_of(delta), most, is_searched)) {
    if (auto change = ledger_.revisit(key, snapshot)) {
      delta.updated.push_back(*std::move(change));
    } else {
      pending_.keep(key);
    }
  }
}

// Of thousands of clients' sockets hardly one lasts, so they are not looked at one by one with each poll.
void Pipeline::seek_lasting(Instant now) {
  constexpr Duration kBetween = std::chrono::seconds(5);
  if (now.monotonic - lasting_sought_ < kBetween) return;
  lasting_sought_ = now.monotonic;
  std::vector<ListenerKey> lasting;
  ledger_.for_each([&](const Listener& listener) {
    if (verdicts_.has_outlived_clients(listener, now)) lasting.push_back(listener.key);
  });
  pending_.add(lasting);
}

// The event's time is the opening itself, not the look that found it.
void Pipeline::recognise(Delta& delta) const {
  if (events_.empty()) return;
  for (Listener* listener : open_listeners(delta)) {
    const SocketEvent* opening = events_.opening_of(listener->members.front());
    if (opening == nullptr) continue;
    if (listener->first_seen == listener->opened) listener->first_seen = opening->time;
    listener->opened = opening->time;
    listener->seen_by = opening->source;
    if (opening->record.bind == Bind::Explicit) listener->members.front().bind = Bind::Explicit;
  }
}

// Whose they are nobody asks, and to find out takes a walk over all processes: their cgroup is not told.
bool Pipeline::will_only_be_counted(Listener& listener, Instant now) const {
  if (all_owners_ || has_port(listener.key.protocol)) return false;
  annotator_.describe(listener);
  return verdicts_.is_ignored(listener, now);
}

void Pipeline::annotate(Delta& delta) {
  std::vector<Annotator::Task> tasks;
  const auto add = [&](Listener& listener, bool same_sockets) {
    if (will_only_be_counted(listener, delta.time)) return;
    const SocketEvent* opening = events_.empty() ? nullptr : events_.opening_of(listener.members.back());
    const Holder* caller = opening != nullptr && opening->caller ? &*opening->caller : nullptr;
    tasks.push_back({&listener, caller, same_sockets});
  };
  for (Listener& listener : delta.opened) add(listener, false);
  for (ListenerChange& change : delta.replaced) add(change.after, false);
  for (ListenerChange& change : delta.updated)
    add(change.after, change.before.members.back().id == change.after.members.back().id);
  pending_.set_deferred({});
  if (tasks.empty()) return;
  // The first look is judged for good, so it waits for the whole search; later ones go on with it.
  using Search = OwnerResolver::Search;
  annotator_.annotate(tasks, first_ ? Search::Whole : Search::Bounded);
  // A member that joined is still sought; whose the others are was known.
  std::vector<ListenerKey> deferred;
  for (ListenerChange& change : delta.updated) {
    if (change.after.annotation.owner.state == OwnerState::Budget &&
        !change.before.annotation.owner.holders.empty()) {
      change.after.annotation.owner = change.before.annotation.owner;
      deferred.push_back(change.after.key);
    }
  }
  pending_.set_deferred(std::move(deferred));
}

std::vector<Listener> Pipeline::short_lived(std::vector<EventLog::Vanished> vanished) {
  std::vector<Listener> listeners;
  std::vector<Annotator::Task> tasks;
  std::erase_if(vanished, [this](const EventLog::Vanished& gone) { return was_refused(gone); });
  listeners.reserve(vanished.size());  // the tasks point into it
  for (const EventLog::Vanished& gone : vanished) {
    SocketRecord record = gone.opening.record;
    record.inode = 0;  // nobody can hold it any more, so nobody is looked for
    Listener& listener = listeners.emplace_back();
    listener.key = key_of(record);
    listener.members = {record};
    listener.first_seen = listener.opened = gone.opening.time;
    listener.seen_by = gone.opening.source;
    listener.closed = gone.closed;
    tasks.push_back({&listener, gone.opening.caller ? &*gone.opening.caller : nullptr});
  }
  if (!tasks.empty()) annotator_.annotate(tasks);
  for (Listener& listener : listeners) listener.verdict = verdicts_.for_good(listener);
  return listeners;
}

// listen(2) on a port that another socket listens on goes into the state LISTEN for some microseconds before
// it fails.
bool Pipeline::was_refused(const EventLog::Vanished& vanished) const {
  constexpr Duration kOneSystemCall = std::chrono::microseconds(200);
  if (!vanished.closed) return false;
  const Duration lifetime = vanished.closed->monotonic - vanished.opening.time.monotonic;
  return lifetime < kOneSystemCall && ledger_.is_shown(key_of(vanished.opening.record));
}

// The first poll learns what it shows. What it showed while the owner was still sought is learned when he is
// known, because without him everybody there would be expected; and where it was not whole, the next ones
// make up for what it may have missed. Else nothing that opens after it is learned.
void Pipeline::learn(Delta& delta, bool whole) {
  const bool last = looks_to_learn_ == 1;
  const auto consider = [&](const Listener& listener) {
    // What a rule has decided, nobody needs to learn.
    if (verdicts_.is_nobodys(listener)) delta.learned.push_back(listener);
  };
  for (const Listener* listener : open_listeners(delta)) {
    const SocketId id = listener->members.front().id;
    if (!first_ && !may_have_missed_ && !to_learn_.contains(id)) continue;
    if (listener->annotation.owner.state == OwnerState::Budget && !last) {
      to_learn_.insert(id);
      continue;
    }
    to_learn_.erase(id);
    consider(*listener);
    for (const Owner& other : listener->annotation.owner.others) consider(alone(*listener, other));
  }
  for (const Listener& listener : delta.learned) verdicts_.learned().insert(identity_of(listener));
  may_have_missed_ = may_have_missed_ || !whole;
  looks_to_learn_ = whole && to_learn_.empty() ? 0 : looks_to_learn_ - 1;
}

void Pipeline::judge(Delta& delta) const {
  for (Listener& listener : delta.opened) judge(listener, nullptr, delta.time);
  for (auto* changes : {&delta.replaced, &delta.updated}) {
    for (ListenerChange& change : *changes) {
      const bool same_policy = delta.cause != Cause::Reload;
      judge(change.after, same_policy ? &change.before.verdict : nullptr, delta.time);
    }
  }
}

void Pipeline::judge(Listener& listener, const Verdict* before, Instant now) const {
  listener.verdict = verdicts_.now(listener, before, now);
  for (const Owner& other : listener.annotation.owner.others) {
    Verdict verdict = verdicts_.now(alone(listener, other), before, now);
    if (is_graver(verdict, listener.verdict)) listener.verdict = std::move(verdict);
  }
}

void Pipeline::note_meaning(Delta& delta) const {
  const Instant now = delta.time;
  note_lifecycle(delta, settings_.plaintext_scope,
                 [this, now](const Listener& listener) { return verdicts_.now(listener, nullptr, now); });
}

void Pipeline::remember_pending(const Delta& delta) {
  pending_.remember(
      {delta, ledger_, annotator_, settings_.owner_grace, all_owners_},
      [&](const Listener& listener) { return verdicts_.owner_may_still_come(listener, delta.time); });
}

void Pipeline::check_required(Delta& delta) {
  required_.check(policy(), ledger_, settings_.restart_grace, delta);
}

}  // namespace sockwatch
