// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/event_log.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "lib/watch/pipeline_settings.h"

namespace sockwatch {
namespace {

// A dump may skip a socket once without saying so.
constexpr int kEnoughMisses = 2;

// Whose losses are told apart.
constexpr std::size_t kMostUsers = 1024;

constexpr NamespaceId kNoNamespace{~std::uint64_t{0}};

bool has_cookie(const SocketRecord& record) {
  return record.id.cookie != 0;
}

bool is_datagram(const SocketRecord& record) {
  return record.protocol == Protocol::Udp;
}

}  // namespace

// What one look shows, to be asked many times.
class EventLog::Shown {
 public:
  enum class As : std::uint8_t { Nothing, TakenIn, Deferred };

  Shown(const Snapshot& look, std::span<const DeferredListener> deferred) {
    auto next = deferred.begin();
    for (const SocketRecord& record : look.listeners) {
      while (next != deferred.end() && key_fields(next->key) < key_fields(record)) ++next;
      const bool waits = next != deferred.end() && key_fields(next->key) == key_fields(record);
      (waits ? deferred_ : taken_in_).add(record);
    }
    auto& ids = taken_in_.ids;
    ids.insert(ids.end(), look.turned_away.begin(), look.turned_away.end());
    taken_in_.sort();
    deferred_.sort();
  }

  As find(const SocketRecord& record) const {
    if (taken_in_.contains(record)) return As::TakenIn;
    return deferred_.contains(record) ? As::Deferred : As::Nothing;
  }

 private:
  struct Sockets {
    std::vector<SocketId> ids;
    std::vector<Place> places;

    void add(const SocketRecord& record) {
      ids.push_back(record.id);
      places.push_back(place_of(record));
    }
    void sort() {
      std::sort(ids.begin(), ids.end());
      std::sort(places.begin(), places.end());
    }
    bool contains(const SocketRecord& record) const {
      if (has_cookie(record)) return std::binary_search(ids.begin(), ids.end(), record.id);
      return std::binary_search(places.begin(), places.end(), place_of(record));
    }
  };
  Sockets taken_in_;
  Sockets deferred_;
};

EventLog::Place EventLog::place_of(const SocketRecord& record) {
  return {record.protocol, record.local.port, record.local.address};
}

SocketId EventLog::id_of(const SocketEvent& event) {
  if (has_cookie(event.record)) return event.record.id;
  return {kNoNamespace, event.handle};
}

bool EventLog::takes_place(const SocketRecord& record) {
  const std::size_t kind = is_datagram(record) ? 1 : 0;
  std::size_t& own = taken_[kind][record.uid];
  if (taken_by_all_[kind] < kCapacity && own < kCapacity / 2) {
    ++own;
    ++taken_by_all_[kind];
    return true;
  }
  ++overflowed_;
  if (lost_by_.size() < kMostUsers || lost_by_.contains(record.uid)) ++lost_by_[record.uid];
  return false;
}

void EventLog::count_and_index() {
  taken_ = {};
  taken_by_all_ = {};
  open_by_place_.clear();
  const auto count = [&](const SocketEvent& opening) {
    const std::size_t kind = is_datagram(opening.record) ? 1 : 0;
    ++taken_[kind][opening.record.uid];
    ++taken_by_all_[kind];
  };
  for (const auto& [id, open] : open_) {
    count(open.opening);
    if (!has_cookie(open.opening.record)) open_by_place_.emplace(place_of(open.opening.record), id);
  }
  for (const Vanished& ended : ended_) count(ended.opening);
  for (const auto& [user, gone] : gone_) {
    for (const Vanished& each : gone) count(each.opening);
  }
}

std::optional<EventLoss> EventLog::lost_most() const {
  const auto most = std::max_element(lost_by_.begin(), lost_by_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == lost_by_.end() ? std::nullopt : std::optional(EventLoss{most->first, most->second});
}

void EventLog::accept(const SocketEvent& event) {
  switch (event.kind) {
    case SocketEvent::Kind::Closed:
      return end(event);
    case SocketEvent::Kind::Connected:
      return connect(event);
    case SocketEvent::Kind::Opened:
    case SocketEvent::Kind::Bound:
      return begin(event);
  }
}

void EventLog::begin(const SocketEvent& event) {
  if (!takes_place(event.record)) return;
  const SocketId id = id_of(event);
  if (!has_cookie(event.record)) open_by_place_.insert_or_assign(place_of(event.record), id);
  const auto [entry, added] = open_.try_emplace(id, Open{event});
  if (added) return;
  // The kernel gives a handle to the next socket when one has ended: that end was lost.
  if (!has_cookie(event.record)) keep_ended({entry->second.opening, std::nullopt});
  entry->second = {event};
}

void EventLog::end(const SocketEvent& event) {
  if (auto opened = open_.extract(id_of(event))) {
    SocketEvent& opening = opened.mapped().opening;
    // The kernel chose the port after it told of the opening.
    if (opening.record.local.port == 0) opening.record.local = event.record.local;
    keep_ended({std::move(opening), event.time});
    return;
  }
  // The beginning was not told. From a source that tells of ends only, that is all there will ever be; and a
  // UDP socket that had a peer for a while has none at its end. Otherwise the ledger knows the socket, and
  // will miss it.
  const bool is_all = event.source == EventSource::Destroy || is_datagram(event.record);
  if (is_all && takes_place(event.record)) keep_ended({event, std::nullopt});
}

// A client, unless it has waited for strangers before.
void EventLog::connect(const SocketEvent& event) {
  auto opened = open_.extract(id_of(event));
  if (!opened) return;
  const Duration waited = event.time.monotonic - opened.mapped().opening.time.monotonic;
  if (waited > kClientSetup) keep_ended({std::move(opened.mapped().opening), event.time});
}

void EventLog::keep_ended(Vanished ended) {
  const SocketRecord& record = ended.opening.record;
  if (has_cookie(record)) {
    ended_by_id_.insert_or_assign(record.id, ended_.size());
  } else {
    ended_by_place_.insert_or_assign(place_of(record), ended_.size());
  }
  ended_.push_back(std::move(ended));
}

const SocketEvent* EventLog::opening_of(const SocketRecord& record) const {
  if (const auto by_cookie = open_.find(record.id); by_cookie != open_.end())
    return &by_cookie->second.opening;
  const Place place = place_of(record);
  if (const auto placed = open_by_place_.find(place); placed != open_by_place_.end()) {
    const auto open = open_.find(placed->second);
    if (open != open_.end() && place_of(open->second.opening.record) == place) return &open->second.opening;
  }
  // It ended while the poll that shows it went on. The latest: a place has one socket after the other.
  if (const auto ended = ended_by_id_.find(record.id); ended != ended_by_id_.end())
    return &ended_[ended->second].opening;
  const auto ended = ended_by_place_.find(place);
  return ended == ended_by_place_.end() ? nullptr : &ended_[ended->second].opening;
}

std::vector<EventLog::Vanished> EventLog::settle(const Snapshot& look,
                                                 std::span<const DeferredListener> deferred) {
  const auto note_gone = [this](Vanished vanished) {
    gone_[vanished.opening.record.uid].push_back(std::move(vanished));
  };
  if (!open_.empty() || !ended_.empty()) {
    const Shown shown(look, deferred);
    ended_by_id_.clear();
    ended_by_place_.clear();
    for (Vanished& ended : std::exchange(ended_, {})) {
      // What had ended before the poll began is not what it shows, though another may have taken its place.
      const bool before = ended.closed && ended.closed->monotonic < look.time.monotonic;
      const bool taken_in = shown.find(ended.opening.record) == Shown::As::TakenIn;
      if (before || !taken_in) note_gone(std::move(ended));
    }
    for (auto entry = open_.begin(); entry != open_.end();) {
      const Fate fate = fate_of(entry->second, look, shown);
      if (fate == Fate::Gone) note_gone({entry->second.opening, std::nullopt});
      entry = fate == Fate::Open ? std::next(entry) : open_.erase(entry);
    }
  }
  std::vector<Vanished> vanished = take_gone();
  count_and_index();
  return vanished;
}

std::vector<EventLog::Vanished> EventLog::take_gone() {
  std::vector<Vanished> taken;
  while (!gone_.empty() && taken.size() < kMostAtOnce) {
    for (auto user = gone_.begin(); user != gone_.end();) {
      taken.push_back(std::move(user->second.front()));
      user->second.pop_front();
      user = user->second.empty() ? gone_.erase(user) : std::next(user);
    }
  }
  return taken;
}

// No end was told, so only looks can say it; and that of a datagram socket only if it is not connected.
EventLog::Fate EventLog::fate_of(Open& open, const Snapshot& look, const Shown& shown) {
  const SocketRecord& record = open.opening.record;
  const Shown::As as = shown.find(record);
  if (as != Shown::As::Nothing) return as == Shown::As::Deferred ? Fate::Open : Fate::Known;
  if (look.proves_absence(record.id.name_space, record.protocol) &&
      open.opening.time.monotonic < look.time.monotonic)
    ++open.misses;
  if (open.misses < kEnoughMisses || is_datagram(record)) return Fate::Open;
  // Without a port nobody could be told what it was, and which of the sockets shown it is.
  return record.local.port == 0 ? Fate::Known : Fate::Gone;
}

std::vector<SocketId> EventLog::ask_for_unclear() {
  std::vector<SocketId> ids;
  for (auto& [id, open] : open_) {
    open.asked_for = is_datagram(open.opening.record) && open.misses >= kEnoughMisses;
    if (open.asked_for) ids.push_back(id);
  }
  return ids;
}

std::vector<EventLog::Vanished> EventLog::settle_unclear(std::span<const SocketId> met) {
  std::vector<SocketId> connected(met.begin(), met.end());
  std::sort(connected.begin(), connected.end());
  std::vector<Vanished> vanished;
  std::erase_if(open_, [&](const auto& entry) {
    const auto& [id, open] = entry;
    if (!open.asked_for) return false;
    if (!std::binary_search(connected.begin(), connected.end(), id))
      vanished.push_back({open.opening, std::nullopt});
    return true;
  });
  return vanished;
}

}  // namespace sockwatch
