// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/ledger.h"

#include <algorithm>
#include <utility>

namespace sockwatch {
namespace {

using Group = std::span<const SocketRecord>;  // the sockets of one key

Group first_group(Group sorted) {
  std::size_t length = 1;
  while (length < sorted.size() && key_fields(sorted[length]) == key_fields(sorted[0])) ++length;
  return sorted.first(length);
}

const SocketRecord* find(Group shown, const SocketId& id) {
  const auto at =
      std::lower_bound(shown.begin(), shown.end(), id,
                       [](const SocketRecord& each, const SocketId& wanted) { return each.id < wanted; });
  return at != shown.end() && at->id == id ? &*at : nullptr;
}

// Of what is known and what is shown by a look; the latter is sorted by socket. A socket that became
// transparent reaches farther than before.
bool same_sockets(Group known, Group shown) {
  return known.size() == shown.size() &&
         std::all_of(known.begin(), known.end(), [&](const SocketRecord& each) {
           const SocketRecord* now = find(shown, each.id);
           return now != nullptr && now->transparent == each.transparent;
         });
}

bool share_a_socket(Group known, Group shown) {
  return std::any_of(known.begin(), known.end(),
                     [&](const SocketRecord& each) { return find(shown, each.id); });
}

Listener opened(Group group, Instant time) {
  Listener listener;
  listener.key = key_of(group[0]);
  listener.members.assign(group.begin(), group.end());
  listener.first_seen = listener.opened = time;
  for (const SocketRecord& member : group) listener.drops_total += member.drops;
  return listener;
}

// A known socket as it is shown now. Not every look asks for MPTCP, and none sees that a program left the
// kernel only one port to hand out.
SocketRecord seen_again(const SocketRecord& known, SocketRecord now) {
  now.mptcp = now.mptcp || known.mptcp;
  if (known.bind == Bind::Explicit) now.bind = known.bind;
  return now;
}

// Those that stay keep their order and newcomers follow, so that the first is the eldest: a cookie tells no
// age, each CPU hands out its own range of them (net/core/sock_diag.c, since Linux 5.10). The kernel's drop
// counters are 32 bits wide, wrap, and vanish with their socket; ours only ever grow.
void take_sockets(Listener& listener, Group shown) {
  std::erase_if(listener.members, [&](const SocketRecord& member) { return !find(shown, member.id); });
  for (SocketRecord& member : listener.members) {
    const std::uint32_t drops = std::exchange(member, seen_again(member, *find(shown, member.id))).drops;
    listener.drops_total += std::uint32_t{member.drops - drops};
  }
  if (listener.members.size() == shown.size()) return;
  std::set<SocketId> known;
  for (const SocketRecord& member : listener.members) known.insert(member.id);
  for (const SocketRecord& newcomer : shown) {
    if (known.contains(newcomer.id)) continue;
    listener.drops_total += newcomer.drops;
    listener.members.push_back(newcomer);
  }
}

// As it was when it was judged last.
void return_to_decided(Listener& listener) {
  listener.verdict = *std::exchange(listener.decided, std::nullopt);
  if (listener.predecessor) listener.annotation.owner = *std::exchange(listener.predecessor, std::nullopt);
}

// Whether the look says anything new of sockets that it shows as known.
bool tells_more(Group known, Group shown) {
  return std::any_of(known.begin(), known.end(), [&](const SocketRecord& member) {
    return seen_again(member, *find(shown, member.id)) != member;
  });
}

bool proves_absence(const Snapshot& now, const ListenerKey& key) {
  return now.proves_absence(key.name_space, key.protocol);
}

}  // namespace

void Ledger::restore(const ListenerList& known) {
  entries_.clear();
  for (const SharedListener& listener : known.shared()) entries_.push_back({listener, Presence::Present, {}});
}

Delta Ledger::diff(const Snapshot& now) const {
  Delta delta;
  delta.time = now.time;
  Group rest = now.listeners;
  auto entry = entries_.begin();
  // Both sides are sorted by key: one walk over both.
  while (!rest.empty() || entry != entries_.end()) {
    const Group group = rest.empty() ? rest : first_group(rest);
    if (group.empty() ||
        (entry != entries_.end() && key_fields(entry->listener->key) < key_fields(group[0]))) {
      absent(*entry++, now, delta);
      continue;
    }
    rest = rest.subspan(group.size());
    if (entry == entries_.end() || key_fields(group[0]) < key_fields(entry->listener->key)) {
      delta.opened.push_back(opened(group, now.time));
      continue;
    }
    const Listener& known = *(entry++)->listener;
    if (same_sockets(known.members, group)) continue;
    ListenerChange change{known, known};
    take_sockets(change.after, group);
    if (share_a_socket(known.members, group)) {
      delta.updated.push_back(std::move(change));
    } else {
      change.after.opened = now.time;
      delta.replaced.push_back(std::move(change));
    }
  }
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
  const auto found = std::lower_bound(now.listeners.begin(), now.listeners.end(), key,
                                      [](const SocketRecord& record, const ListenerKey& wanted) {
                                        return key_fields(record) < key_fields(wanted);
                                      });
  if (entry == entries_.end() || entry->listener->key != key) return std::nullopt;
  if (found == now.listeners.end() || key_fields(*found) != key_fields(key)) return std::nullopt;
  ListenerChange change{*entry->listener, *entry->listener};
  take_sockets(change.after, first_group(Group(found, now.listeners.end())));
  return change;
}

const Listener* Ledger::find(const SocketRecord& record) const {
  const auto key = key_fields(record);
  const auto entry = std::lower_bound(
      entries_.begin(), entries_.end(), key,
      [](const Entry& each, const auto& wanted) { return key_fields(each.listener->key) < wanted; });
  return entry != entries_.end() && key_fields(entry->listener->key) == key ? entry->listener.get() : nullptr;
}

bool Ledger::contains(const SocketRecord& record) const {
  const Listener* known = find(record);
  return known != nullptr && share_a_socket(known->members, Group(&record, 1));
}

bool Ledger::is_shown(const ListenerKey& key) const {
  const auto entry = place(key);
  return entry != entries_.end() && entry->listener->key == key && entry->presence == Presence::Present;
}

void Ledger::commit(const Delta& delta, const Snapshot& now) {
  apply(delta);
  refresh(now);
}

void Ledger::commit(const Delta& judged_again) {
  apply(judged_again);
}

std::vector<Listener> Ledger::take_undecided() {
  std::vector<Listener> undecided;
  std::erase_if(entries_, [&undecided](Entry& entry) {
    const bool pending = entry.listener->verdict.kind == VerdictKind::Pending;
    if (!pending || entry.presence != Presence::Gone) return false;
    undecided.push_back(*entry.listener);
    undecided.back().closed = entry.missing_since;
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

void Ledger::refresh(const Snapshot& now) {
  suspects_ = false;
  sockets_ = 0;
  Group rest = now.listeners;
  for (Entry& entry : entries_) {
    const bool was_gone = entry.presence == Presence::Gone;
    const auto key = key_fields(entry.listener->key);
    while (!rest.empty() && key_fields(rest[0]) < key) rest = rest.subspan(1);
    if (!rest.empty() && key_fields(rest[0]) == key) {
      const Group shown = first_group(rest);
      // Others may be reading what is there now.
      if (tells_more(entry.listener->members, shown)) {
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
