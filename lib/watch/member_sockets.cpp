// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/member_sockets.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

namespace sockwatch {
namespace {

struct ByKey {
  bool operator()(const SocketRecord& record, const ListenerKey& key) const {
    return key_fields(record) < key_fields(key);
  }
  bool operator()(const ListenerKey& key, const SocketRecord& record) const {
    return key_fields(key) < key_fields(record);
  }
};

const SocketRecord* find(SocketGroup shown, const SocketId& id) {
  const auto at =
      std::lower_bound(shown.begin(), shown.end(), id,
                       [](const SocketRecord& each, const SocketId& wanted) { return each.id < wanted; });
  return at != shown.end() && at->id == id ? &*at : nullptr;
}

// A known socket as it is shown now. Not every look asks for MPTCP, and none sees that a program left the
// kernel only one port to hand out.
SocketRecord seen_again(const SocketRecord& known, SocketRecord now) {
  now.mptcp = now.mptcp || known.mptcp;
  if (known.bind == Bind::Explicit) now.bind = known.bind;
  return now;
}

}  // namespace

SocketGroup sockets_at(SocketGroup shown, const ListenerKey& key) {
  const auto [first, last] = std::equal_range(shown.begin(), shown.end(), key, ByKey());
  return {first, last};
}

bool same_sockets(SocketGroup known, SocketGroup shown) {
  return known.size() == shown.size() &&
         std::all_of(known.begin(), known.end(), [&](const SocketRecord& each) {
           const SocketRecord* now = find(shown, each.id);
           return now != nullptr && now->transparent == each.transparent;
         });
}

bool share_a_socket(SocketGroup known, SocketGroup shown) {
  return std::any_of(known.begin(), known.end(),
                     [&](const SocketRecord& each) { return find(shown, each.id); });
}

void take_sockets(Listener& listener, SocketGroup shown) {
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

bool tells_more(SocketGroup known, SocketGroup shown) {
  return known.size() != shown.size() ||
         std::any_of(known.begin(), known.end(), [&](const SocketRecord& member) {
           const SocketRecord* now = find(shown, member.id);
           return now == nullptr || seen_again(member, *now) != member;
         });
}

}  // namespace sockwatch
