// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/ledger.h"

#include <algorithm>
#include <utility>

namespace sockwatch {
namespace {

using Group = std::span<const SocketRecord>;  // the sockets of one key

Group first_group(Group sorted) {
  std::size_t length = 1;
  while (length < sorted.size() && key_of(sorted[length]) == key_of(sorted[0])) ++length;
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

// Those that stay keep their order and newcomers follow, so that the first is the eldest: a cookie tells no
// age, each CPU hands out its own range of them (net/core/sock_diag.c, since Linux 5.10). The kernel's drop
// counters are 32 bits wide, wrap, and vanish with their socket; ours only ever grow. Not every look asks for
// MPTCP, and none sees that a program left the kernel only one port to hand out.
void take_sockets(Listener& listener, Group shown) {
  std::erase_if(listener.members, [&](const SocketRecord& member) { return !find(shown, member.id); });
  for (SocketRecord& member : listener.members) {
    const bool mptcp = member.mptcp;
    const Bind bind = member.bind;
    const std::uint32_t drops = std::exchange(member, *find(shown, member.id)).drops;
    listener.drops_total += std::uint32_t{member.drops - drops};
    member.mptcp = member.mptcp || mptcp;
    if (bind == Bind::Explicit) member.bind = bind;
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

bool proves_absence(const Snapshot& now, const ListenerKey& key) {
  return now.proves_absence(key.name_space, key.protocol);
}

}  // namespace

void Ledger::restore(std::vector<Listener> known) {
  entries_.clear();
  for (Listener& listener : known) entries_.push_back({std::move(listener), Presence::Present, {}});
}

Delta Ledger::diff(const Snapshot& now) const {
  Delta delta;
  delta.time = now.time;
  Group rest = now.listeners;
  auto entry = entries_.begin();
  // Both sides are sorted by key: one walk over both.
  while (!rest.empty() || entry != entries_.end()) {
    const Group group = rest.empty() ? rest : first_group(rest);
    if (group.empty() || (entry != entries_.end() && entry->listener.key < key_of(group[0]))) {
      absent(*entry++, now, delta);
      continue;
    }
    rest = rest.subspan(group.size());
    if (entry == entries_.end() || key_of(group[0]) < entry->listener.key) {
      delta.opened.push_back(opened(group, now.time));
      continue;
    }
    const Listener& known = (entry++)->listener;
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
  if (entry.presence == Presence::Present || !proves_absence(now, entry.listener.key)) return;
  if (now.time.monotonic - entry.missing_since.monotonic < restart_grace_) return;
  delta.closed.push_back(entry.listener);
  delta.closed.back().closed = entry.missing_since;
}

std::optional<ListenerChange> Ledger::revisit(const ListenerKey& key, const Snapshot& now) const {
  const auto entry = place(key);
  const auto found = std::lower_bound(
      now.listeners.begin(), now.listeners.end(), key,
      [](const SocketRecord& record, const ListenerKey& wanted) { return key_of(record) < wanted; });
  if (entry == entries_.end() || entry->listener.key != key) return std::nullopt;
  if (found == now.listeners.end() || key_of(*found) != key) return std::nullopt;
  ListenerChange change{entry->listener, entry->listener};
  take_sockets(change.after, first_group(Group(found, now.listeners.end())));
  return change;
}

bool Ledger::contains(const SocketRecord& record) const {
  const auto entry = place(key_of(record));
  return entry != entries_.end() && share_a_socket(entry->listener.members, Group(&record, 1));
}

bool Ledger::is_shown(const ListenerKey& key) const {
  const auto entry = place(key);
  return entry != entries_.end() && entry->listener.key == key && entry->presence == Presence::Present;
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
    const bool pending = entry.listener.verdict.kind == VerdictKind::Pending;
    if (!pending || entry.presence != Presence::Gone) return false;
    undecided.push_back(entry.listener);
    undecided.back().closed = entry.missing_since;
    if (!entry.listener.decided) return true;
    return_to_decided(entry.listener);
    return false;
  });
  return undecided;
}

bool Ledger::note_choice(const SocketRecord& record) {
  if (!contains(record)) return false;
  const auto entry = place(key_of(record));
  for (SocketRecord& member : entry->listener.members) {
    if (member.id != record.id || member.bind != Bind::Assigned) continue;
    member.bind = Bind::Explicit;
    return true;
  }
  return false;
}

void Ledger::commit(const ConnectionTally& tally) {
  for (const ListenerConnections& held : tally.by_listener) {
    const auto entry = place(held.listener);
    // It may have been closed while the connections were counted.
    if (entry != entries_.end() && entry->listener.key == held.listener) {
      entry->listener.last_connection = tally.time.wall;
    }
  }
}

std::vector<Ledger::Entry>::const_iterator Ledger::place(const ListenerKey& key) const {
  return std::lower_bound(
      entries_.begin(), entries_.end(), key,
      [](const Entry& entry, const ListenerKey& wanted) { return entry.listener.key < wanted; });
}

std::vector<Ledger::Entry>::iterator Ledger::place(const ListenerKey& key) {
  return entries_.begin() + (std::as_const(*this).place(key) - entries_.cbegin());
}

// One walk for all that went and one merge of all that came: whoever opens thousands of sockets below
// thousands of others must not keep the loop.
void Ledger::apply(const Delta& delta) {
  const auto by_key = [](const Entry& a, const Entry& b) { return a.listener.key < b.listener.key; };
  if (!delta.closed.empty()) {
    std::vector<ListenerKey> gone;
    for (const Listener& listener : delta.closed) gone.push_back(listener.key);
    std::sort(gone.begin(), gone.end());
    std::erase_if(entries_, [&](const Entry& entry) {
      return std::binary_search(gone.begin(), gone.end(), entry.listener.key);
    });
  }
  for (const auto* changes : {&delta.replaced, &delta.updated}) {
    for (const ListenerChange& change : *changes) place(change.after.key)->listener = change.after;
  }
  if (delta.opened.empty()) return;
  const auto known = static_cast<std::ptrdiff_t>(entries_.size());
  entries_.reserve(entries_.size() + delta.opened.size());
  for (const Listener& found : delta.opened) entries_.push_back({found, Presence::Present, {}});
  std::sort(entries_.begin() + known, entries_.end(), by_key);
  std::inplace_merge(entries_.begin(), entries_.begin() + known, entries_.end(), by_key);
}

void Ledger::refresh(const Snapshot& now) {
  suspects_ = false;
  Group rest = now.listeners;
  for (Entry& entry : entries_) {
    while (!rest.empty() && key_of(rest[0]) < entry.listener.key) rest = rest.subspan(1);
    if (!rest.empty() && key_of(rest[0]) == entry.listener.key) {
      take_sockets(entry.listener, first_group(rest));
      entry.presence = Presence::Present;
    } else if (proves_absence(now, entry.listener.key)) {
      if (entry.presence == Presence::Present) entry.missing_since = now.time;
      entry.presence = entry.presence == Presence::Present ? Presence::Suspected : Presence::Gone;
    }
    suspects_ = suspects_ || entry.presence == Presence::Suspected;
  }
}

std::set<NamespaceId> Ledger::suspected_namespaces() const {
  std::set<NamespaceId> spaces;
  if (!suspects_) return spaces;
  for (const Entry& entry : entries_) {
    if (entry.presence == Presence::Suspected) spaces.insert(entry.listener.key.name_space);
  }
  return spaces;
}

std::vector<Listener> Ledger::listeners() const {
  std::vector<Listener> present;
  present.reserve(entries_.size());
  for_each([&present](const Listener& listener) { present.push_back(listener); });
  return present;
}

std::vector<Listener> Ledger::listeners_and_gone() const {
  std::vector<Listener> known;
  known.reserve(entries_.size());
  for (const Entry& entry : entries_) known.push_back(entry.listener);
  return known;
}

std::vector<ListenerPlace> Ledger::places() const {
  std::vector<ListenerPlace> places;
  places.reserve(entries_.size());
  for_each([&places](const Listener& listener) { places.push_back({listener.key, listener.covers_ipv4()}); });
  return places;
}

void Ledger::for_each(const std::function<void(const Listener&)>& visit) const {
  for (const Entry& entry : entries_) {
    if (entry.presence != Presence::Gone) visit(entry.listener);
  }
}

}  // namespace sockwatch
