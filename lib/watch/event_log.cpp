// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/event_log.h"

#include <algorithm>
#include <iterator>

#include "lib/model/listener.h"

namespace sockwatch {
namespace {

// A dump may skip a socket once without saying so.
constexpr int kEnoughMisses = 2;

constexpr NamespaceId kNoNamespace{~std::uint64_t{0}};

bool is_datagram(const SocketRecord& record) {
  return record.protocol == Protocol::Udp;
}

bool same_place(const SocketRecord& a, const SocketRecord& b) {
  return a.protocol == b.protocol && a.local.port == b.local.port && a.local.address == b.local.address;
}

std::vector<SocketId> sorted_ids(const Snapshot& look) {
  std::vector<SocketId> ids;
  ids.reserve(look.listeners.size());
  for (const SocketRecord& record : look.listeners) ids.push_back(record.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

SocketId EventLog::id_of(const SocketEvent& event) {
  if (event.record.id.cookie != 0) return event.record.id;
  return {kNoNamespace, event.handle};
}

void EventLog::accept(const SocketEvent& event) {
  const SocketId id = id_of(event);
  if (event.kind == SocketEvent::Kind::Closed) {
    const auto opened = pending_.find(id);
    if (opened == pending_.end()) return note_end(id, event);
    opened->second.closed = event.time;
    // The kernel chose the port after it told of the opening.
    if (opened->second.opening.record.local.port == 0)
      opened->second.opening.record.local = event.record.local;
    return;
  }
  if (pending_.size() >= kCapacity) {
    ++overflowed_;
    return;
  }
  pending_.insert_or_assign(id, Pending{event, std::nullopt, 0});
}

// Of a socket whose beginning was not told. From a source that tells of ends only, that is all there will
// ever be; otherwise the ledger knows the socket, and will miss it.
void EventLog::note_end(const SocketId& id, const SocketEvent& event) {
  if (event.source != EventSource::Destroy) return;
  if (pending_.size() >= kCapacity) {
    ++overflowed_;
    return;
  }
  pending_.insert_or_assign(id, Pending{event, std::nullopt, 0});
}

const SocketEvent* EventLog::opening_of(const SocketRecord& record) const {
  if (const auto by_cookie = pending_.find(record.id); by_cookie != pending_.end())
    return &by_cookie->second.opening;
  for (auto by_handle = pending_.lower_bound({kNoNamespace, 0}); by_handle != pending_.end(); ++by_handle) {
    if (same_place(by_handle->second.opening.record, record)) return &by_handle->second.opening;
  }
  return nullptr;
}

bool EventLog::is_shown(const Pending& pending, const Snapshot& look, const std::vector<SocketId>& shown) {
  const SocketRecord& record = pending.opening.record;
  if (record.id.cookie != 0) return std::binary_search(shown.begin(), shown.end(), record.id);
  return std::any_of(look.listeners.begin(), look.listeners.end(),
                     [&record](const SocketRecord& found) { return same_place(found, record); });
}

std::vector<EventLog::Vanished> EventLog::settle(const Snapshot& look) {
  std::vector<Vanished> vanished;
  if (pending_.empty()) return vanished;
  const std::vector<SocketId> shown = sorted_ids(look);
  for (auto entry = pending_.begin(); entry != pending_.end();) {
    const Fate fate = fate_of(entry->second, look, shown);
    if (fate == Fate::Gone) vanished.push_back({entry->second.opening, entry->second.closed});
    entry = fate == Fate::Open ? std::next(entry) : pending_.erase(entry);
  }
  return vanished;
}

EventLog::Fate EventLog::fate_of(Pending& pending, const Snapshot& look, const std::vector<SocketId>& shown) {
  if (is_shown(pending, look, shown)) return Fate::Shown;
  if (pending.closed) return Fate::Gone;
  const SocketRecord& record = pending.opening.record;
  const bool complete = look.complete[static_cast<std::size_t>(record.protocol)];
  if (complete && pending.opening.time.monotonic < look.time.monotonic) ++pending.misses;
  if (is_datagram(record) || pending.misses < kEnoughMisses) return Fate::Open;
  // Without cookie and port nothing can tell which of the sockets shown it is; only its end would have said.
  return record.local.port == 0 ? Fate::Shown : Fate::Gone;
}

std::vector<SocketId> EventLog::unclear() const {
  std::vector<SocketId> ids;
  for (const auto& [id, pending] : pending_) {
    if (is_datagram(pending.opening.record) && pending.misses >= kEnoughMisses) ids.push_back(id);
  }
  return ids;
}

std::vector<EventLog::Vanished> EventLog::settle_connected(std::span<const SocketId> shown,
                                                           Instant look_began) {
  std::vector<Vanished> vanished;
  std::erase_if(pending_, [&](const auto& entry) {
    const Pending& pending = entry.second;
    if (!is_datagram(pending.opening.record) || pending.misses < kEnoughMisses) return false;
    if (pending.opening.time.monotonic >= look_began.monotonic) return false;
    const bool connected = std::find(shown.begin(), shown.end(), entry.first) != shown.end();
    if (!connected) vanished.push_back({pending.opening, std::nullopt});
    return true;
  });
  return vanished;
}

}  // namespace sockwatch
