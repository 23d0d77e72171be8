// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/backlog.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "lib/annotate/scope.h"

namespace sockwatch {
namespace {

// As many are asked for where they are.
constexpr std::size_t kNext = 1000;

using Positions = std::vector<std::size_t>;  // of newcomers, in the order in which they are to be taken in

// A user namespace has a range of numbers, and whoever made it is all of those users.
std::uint32_t range_of(std::uint32_t uid) {
  constexpr std::uint32_t kSizeOfRange = 65'536;
  return uid < kSizeOfRange ? uid : kSizeOfRange + uid / kSizeOfRange;
}

std::uint32_t user_of(const Newcomer& newcomer) {
  const SocketRecord& first = newcomer.sockets.front();
  return first.uid_told ? first.uid : ~std::uint32_t{0};
}

// What is like its neighbours in a crowd of one user.
struct Kind {
  std::uint32_t uid;
  std::uint64_t cgroup_id;
  bool is_known;
  bool is_loopback;
  Bind bind;
  friend auto operator<=>(const Kind&, const Kind&) = default;
};

Kind kind_of(const Newcomer& newcomer) {
  const SocketRecord& first = newcomer.sockets.front();
  const bool loopback = scope_of(first.protocol, first.local) == Scope::Loopback;
  return {user_of(newcomer), first.cgroup_id, newcomer.known != nullptr, loopback, first.bind};
}

// One of each in turn. Whoever has waited longest begins.
Positions by_turns(std::vector<Positions> lists, const std::vector<std::uint64_t>& since,
                   std::size_t at_most) {
  std::stable_sort(lists.begin(), lists.end(), [&](const Positions& a, const Positions& b) {
    return since[a.front()] < since[b.front()];
  });
  Positions merged;
  for (std::size_t round = 0; !lists.empty() && merged.size() < at_most; ++round) {
    for (const Positions& list : lists) merged.push_back(list[round]);
    std::erase_if(lists, [round](const Positions& list) { return list.size() == round + 1; });
  }
  return merged;
}

// Turns of ranges, in those of users, in those of kinds.
Positions in_order(const std::vector<Newcomer>& newcomers, const std::vector<std::uint64_t>& since,
                   std::size_t at_most) {
  std::map<Kind, Positions> kinds;
  for (std::size_t i = 0; i < newcomers.size(); ++i) kinds[kind_of(newcomers[i])].push_back(i);
  std::map<std::uint32_t, std::vector<Positions>> users;
  for (auto& [kind, list] : kinds) {
    const auto wanted = static_cast<std::ptrdiff_t>(std::min(at_most, list.size()));
    std::partial_sort(list.begin(), list.begin() + wanted, list.end(), [&](std::size_t a, std::size_t b) {
      return std::tie(since[a], a) < std::tie(since[b], b);
    });
    list.resize(static_cast<std::size_t>(wanted));
    users[kind.uid].push_back(std::move(list));
  }
  std::map<std::uint32_t, std::vector<Positions>> ranges;
  for (auto& [uid, lists] : users)
    ranges[range_of(uid)].push_back(by_turns(std::move(lists), since, at_most));
  std::vector<Positions> all;
  for (auto& [range, lists] : ranges) all.push_back(by_turns(std::move(lists), since, at_most));
  return by_turns(std::move(all), since, at_most);
}

bool by_key(const DeferredListener& a, const DeferredListener& b) {
  return a.key < b.key;
}

}  // namespace

std::vector<Newcomer> Backlog::choose(std::vector<Newcomer> newcomers, std::size_t sockets,
                                      std::vector<DeferredListener>& deferred) const {
  std::size_t all = 0;
  for (const Newcomer& newcomer : newcomers) all += newcomer.sockets.size();
  if (all <= sockets) return newcomers;
  std::vector<bool> taken(newcomers.size(), false);
  std::size_t so_far = 0;
  for (const std::size_t position : in_order(newcomers, ages(newcomers), sockets)) {
    if (so_far >= sockets) break;
    taken[position] = true;
    so_far += newcomers[position].sockets.size();
  }
  std::vector<Newcomer> chosen;
  for (std::size_t i = 0; i < newcomers.size(); ++i) {
    if (taken[i]) {
      chosen.push_back(newcomers[i]);
    } else {
      deferred.push_back({key_of(newcomers[i].sockets.front()), user_of(newcomers[i])});
    }
  }
  return chosen;
}

// Both are sorted by key.
std::vector<std::uint64_t> Backlog::ages(const std::vector<Newcomer>& newcomers) const {
  std::vector<std::uint64_t> since(newcomers.size(), polls_);
  auto waiting = waiting_.begin();
  for (std::size_t i = 0; i < newcomers.size() && waiting != waiting_.end(); ++i) {
    const auto key = key_fields(newcomers[i].sockets.front());
    while (waiting != waiting_.end() && key_fields(waiting->listener.key) < key) ++waiting;
    if (waiting != waiting_.end() && key_fields(waiting->listener.key) == key) since[i] = waiting->since;
  }
  return since;
}

void Backlog::commit(const std::vector<DeferredListener>& deferred, const Snapshot& now) {
  std::vector<Waiting> fresh;
  fresh.reserve(deferred.size());
  auto old = waiting_.begin();
  auto shown = now.listeners.begin();
  const auto keep_not_polled = [&](const Waiting& waiting) {
    const ListenerKey& key = waiting.listener.key;
    while (shown != now.listeners.end() && key_fields(*shown) < key_fields(key)) ++shown;
    const bool is_shown = shown != now.listeners.end() && key_fields(*shown) == key_fields(key);
    if (!is_shown && !now.proves_absence(key.name_space, key.protocol)) fresh.push_back(waiting);
  };
  for (const DeferredListener& each : deferred) {
    while (old != waiting_.end() && by_key(old->listener, each)) keep_not_polled(*old++);
    const bool waited = old != waiting_.end() && old->listener.key == each.key;
    fresh.push_back({each, waited ? (old++)->since : polls_});
  }
  while (old != waiting_.end()) keep_not_polled(*old++);
  waiting_ = std::move(fresh);
  ++polls_;
}

std::pair<std::uint32_t, std::size_t> Backlog::most() const {
  std::map<std::uint32_t, std::size_t> by_user;
  for (const Waiting& waiting : waiting_) ++by_user[waiting.listener.uid];
  const auto most = std::max_element(by_user.begin(), by_user.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == by_user.end()) return {};
  return {most->first, most->second};
}

std::set<NamespaceId> Backlog::namespaces() const {
  std::set<NamespaceId> spaces;
  for (std::size_t i = 0; i < std::min(kNext, waiting_.size()); ++i)
    spaces.insert(waiting_[i].listener.key.name_space);
  return spaces;
}

}  // namespace sockwatch
