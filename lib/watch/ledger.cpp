// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/ledger.h"

#include <algorithm>
#include <utility>

#include "lib/watch/member_sockets.h"

namespace sockwatch {
namespace {

SocketGroup first_group(SocketGroup sorted) {
  std::size_t length = 1;
  while (length < sorted.size() && key_fields(sorted[length]) == key_fields(sorted[0])) ++length;
  return sorted.first(length);
}

Listener opened(SocketGroup group, Instant time) {
  Listener listener;
  listener.key = key_of(group[0]);
  listener.members.assign(group.begin(), group.end());
  listener.first_seen = listener.opened = time;
  listener.taken = time.monotonic;
  for (const SocketRecord& member : group) listener.drops_total += member.drops;
  return listener;
}

void take_in(const Newcomer& newcomer, Delta& delta) {
  if (newcomer.known == nullptr) {
    delta.opened.push_back(opened(newcomer.sockets, delta.time));
    return;
  }
  const Listener& known = *newcomer.known;
  ListenerChange change{known, known};
  take_sockets(change.after, newcomer.sockets);
  if (share_a_socket(known.members, newcomer.sockets)) {
    delta.updated.push_back(std::move(change));
  } else {
    change.after.opened = delta.time;
    change.after.taken = delta.time.monotonic;
    delta.replaced.push_back(std::move(change));
  }
}

// As it was when it was judged last.
void return_to_decided(Listener& listener) {
  listener.verdict = *std::exchange(listener.decided, std::nullopt);
  if (listener.predecessor) listener.annotation.owner = *std::exchange(listener.predecessor, std::nullopt);
}

bool proves_absence(const Snapshot& now, const ListenerKey& key) {
  return now.proves_absence(key.name_space, key.protocol);
}

}  // namespace

void Ledger::restore(const ListenerList& known) {
  entries_.clear();
  for (const SharedListener& listener : known.shared()) entries_.push_back({listener, Presence::Present, {}});
}

Delta Ledger::diff(const Snapshot& now, std::size_t sockets) const {
  Delta delta;
  delta.time = now.time;
  std::vector<Newcomer> newcomers;
  SocketGroup rest = now.listeners;
  auto entry = entries_.begin();
  // Both sides are sorted by key: one walk over both.
  while (!rest.empty() || entry != entries_.end()) {
    const SocketGroup group = rest.empty() ? rest : first_group(rest);
    if (group.empty() ||
        (entry != entries_.end() && key_fields(entry->listener->key) < key_fields(group[0]))) {
      absent(*entry++, now, delta);
      continue;
    }
    rest = rest.subspan(group.size());
    if (entry == entries_.end() || key_fields(group[0]) < key_fields(entry->listener->key)) {
      newcomers.push_back({group, nullptr});
      continue;
    }
    const Listener& known = *(entry++)->listener;
    if (!same_sockets(known.members, group)) newcomers.push_back({group, &known});
  }
  for (const Newcomer& each : backlog_.choose(std::move(newcomers), sockets, delta.deferred))
    take_in(each, delta);
  return delta;
}

void Ledger::absent(const Entry& entry, const Snapshot& now, Delta& delta) const {
  if (entry.presence == Presence::Present || !proves_absence(now, entry.listener->key)) return;
  // What goes before it is decided is taken out by take_undecided(), however far apart polls are.
  if (entry.presence == Presence::Suspected && entry.listener->verdict.kind == VerdictKind::Pending) return;
  if (now.time.monotonic - entry.missing_since.monotonic < restart_grace_) return;
  delta.closed.push_back(*entry.listener);
  delta.closed.back().closed = entry.missing_since;
}

std::optional<ListenerChange> Ledger::revisit(const ListenerKey& key, const Snapshot& now) const {
  const auto entry = place(key);
  const SocketGroup shown = sockets_at(now.listeners, key);
  if (entry == entries_.end() || entry->listener->key != key || shown.empty()) return std::nullopt;
  if (!same_sockets(entry->listener->members, shown)) return std::nullopt;  // it is deferred
  ListenerChange change{*entry->listener, *entry->listener};
  take_sockets(change.after, shown);
  return change;
}

const Listener* Ledger::find(const SocketRecord& record) const {
  const auto key = key_fields(record);
  const auto entry = std::lower_bound(
      entries_.begin(), entries_.end(), key,
      [](const Entry& each, const auto& wanted) { return key_fields(each.listener->key) < wanted; });
  return entry != entries_.end() && key_fields(entry->listener->key) == key ? entry->listener.get() : nullptr;
}

const Listener* Ledger::find(const ListenerKey& key) const {
  const auto entry = place(key);
  return entry != entries_.end() && entry->listener->key == key ? entry->listener.get() : nullptr;
}

bool Ledger::contains(const SocketRecord& record) const {
  const Listener* known = find(record);
  return known != nullptr && share_a_socket(known->members, SocketGroup(&record, 1));
}

bool Ledger::is_shown(const ListenerKey& key) const {
  const auto entry = place(key);
  return entry != entries_.end() && entry->listener->key == key && entry->presence == Presence::Present;
}

void Ledger::commit(const Delta& delta, const Snapshot& now) {
  apply(delta);
  refresh(delta, now);
  backlog_.commit(delta.deferred, now);
}

void Ledger::commit(const Delta& judged_again) {
  apply(judged_again);
}

std::vector<Listener> Ledger::take_undecided() {
  std::vector<Listener> undecided;
  std::erase_if(entries_, [&undecided](Entry& entry) {
    const bool pending = entry.listener->verdict.kind == VerdictKind::Pending;
    if (!pending || entry.presence != Presence::Gone) return false;
    if (entry.client != entry.listener->members.front().id) {
      undecided.push_back(*entry.listener);
      undecided.back().closed = entry.missing_since;
    }
    if (!entry.listener->decided) return true;
    auto decided = std::make_shared<Listener>(*entry.listener);
    return_to_decided(*decided);
    entry.listener = std::move(decided);
    return false;
  });
  return undecided;
}

bool Ledger::note_choice(const SocketRecord& record) {
  if (!contains(record)) return false;
  const auto entry = place(key_of(record));
  auto chosen = std::make_shared<Listener>(*entry->listener);
  const auto member = std::find_if(
      chosen->members.begin(), chosen->members.end(),
      [&](const SocketRecord& each) { return each.id == record.id && each.bind == Bind::Assigned; });
  if (member == chosen->members.end()) return false;
  member->bind = Bind::Explicit;
  entry->listener = std::move(chosen);
  return true;
}

void Ledger::note_client(const SocketRecord& record) {
  if (contains(record)) place(key_of(record))->client = record.id;
}

void Ledger::commit(const ConnectionTally& tally) {
  for (const ListenerConnections& held : tally.by_listener) {
    const auto entry = place(held.listener);
    // It may have been closed while the connections were counted.
    if (entry == entries_.end() || entry->listener->key != held.listener) continue;
    auto connected = std::make_shared<Listener>(*entry->listener);
    connected->last_connection = tally.time.wall;
    entry->listener = std::move(connected);
  }
}

std::vector<Ledger::Entry>::const_iterator Ledger::place(const ListenerKey& key) const {
  return std::lower_bound(
      entries_.begin(), entries_.end(), key,
      [](const Entry& entry, const ListenerKey& wanted) { return entry.listener->key < wanted; });
}

std::vector<Ledger::Entry>::iterator Ledger::place(const ListenerKey& key) {
  return entries_.begin() + (std::as_const(*this).place(key) - entries_.cbegin());
}

void Ledger::apply(const Delta& delta) {
  if (!delta.empty()) ++generation_;
  if (!delta.closed.empty()) remove(delta.closed);
  for (const auto* changes : {&delta.replaced, &delta.updated}) {
    for (const ListenerChange& change : *changes)
      place(change.after.key)->listener = std::make_shared<const Listener>(change.after);
  }
  if (!delta.opened.empty()) add(delta.opened);
}

// Both are sorted by key, here and below: whoever opens or closes many at once costs one walk.
void Ledger::remove(const std::vector<Listener>& closed) {
  auto next = closed.begin();
  std::erase_if(entries_, [&](const Entry& entry) {
    while (next != closed.end() && next->key < entry.listener->key) ++next;
    return next != closed.end() && next->key == entry.listener->key;
  });
}

void Ledger::add(const std::vector<Listener>& opened) {
  const auto known = static_cast<std::ptrdiff_t>(entries_.size());
  entries_.reserve(entries_.size() + opened.size());
  for (const Listener& listener : opened)
    entries_.push_back({std::make_shared<const Listener>(listener), Presence::Present, {}});
  std::inplace_merge(entries_.begin(), entries_.begin() + known, entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.listener->key < b.listener->key; });
}

void Ledger::refresh(const Delta& delta, const Snapshot& now) {
  auto is_deferred = [next = delta.deferred.begin(),
                      end = delta.deferred.end()](const ListenerKey& key) mutable {
    while (next != end && next->key < key) ++next;
    return next != end && next->key == key;
  };
  suspects_ = false;
  sockets_ = 0;
  SocketGroup rest = now.listeners;
  for (Entry& entry : entries_) {
    const bool was_gone = entry.presence == Presence::Gone;
    const auto key = key_fields(entry.listener->key);
    while (!rest.empty() && key_fields(rest[0]) < key) rest = rest.subspan(1);
    if (!rest.empty() && key_fields(rest[0]) == key) {
      const SocketGroup shown = first_group(rest);
      // Others may be reading what is there now.
      if (!is_deferred(entry.listener->key) && tells_more(entry.listener->members, shown)) {
        auto fresh = std::make_shared<Listener>(*entry.listener);
        take_sockets(*fresh, shown);
        entry.listener = std::move(fresh);
      }
      entry.presence = Presence::Present;
    } else if (proves_absence(now, entry.listener->key)) {
      if (entry.presence == Presence::Present) entry.missing_since = now.time;
      entry.presence = entry.presence == Presence::Present ? Presence::Suspected : Presence::Gone;
    }
    suspects_ = suspects_ || entry.presence == Presence::Suspected;
    if (was_gone != (entry.presence == Presence::Gone)) ++generation_;
    sockets_ += entry.listener->members.size();
  }
}

std::set<NamespaceId> Ledger::suspected_namespaces() const {
  std::set<NamespaceId> spaces;
  if (!suspects_) return spaces;
  for (const Entry& entry : entries_) {
    if (entry.presence == Presence::Suspected) spaces.insert(entry.listener->key.name_space);
  }
  return spaces;
}

std::vector<Listener> Ledger::listeners() const {
  std::vector<Listener> present;
  present.reserve(entries_.size());
  for_each([&present](const Listener& listener) { present.push_back(listener); });
  return present;
}

ListenerList Ledger::listeners_and_gone() const {
  ListenerList known;
  known.reserve(entries_.size());
  for (const Entry& entry : entries_) known.push_back(entry.listener);
  return known;
}

ListenerList Ledger::shared() const {
  ListenerList present;
  present.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    if (entry.presence != Presence::Gone) present.push_back(entry.listener);
  }
  return present;
}

std::vector<ListenerPlace> Ledger::places() const {
  std::vector<ListenerPlace> places;
  places.reserve(entries_.size());
  for_each([&places](const Listener& listener) { places.push_back({listener.key, listener.covers_ipv4()}); });
  return places;
}

void Ledger::for_each_kept(const std::function<void(const Listener&)>& visit) const {
  for (const Entry& entry : entries_) visit(*entry.listener);
}

void Ledger::for_each(const std::function<void(const Listener&)>& visit) const {
  for (const Entry& entry : entries_) {
    if (entry.presence != Presence::Gone) visit(*entry.listener);
  }
}

}  // namespace sockwatch
