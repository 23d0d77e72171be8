// SPDX-License-Identifier: Apache-2.0
// Decides which sockets of a poll are kept in full, so that no user can fill the memory. What every machine
// has very many of and no rule names (UNIX, packet, raw sockets) is counted by protocol. Of the others there
// is room for `max_sockets`; a user may have at most as many as are still free then, and within that each
// cgroup, and each way of choosing the address, at most as many as its user has left (Choudhury and Hahne,
// dynamic queue length thresholds, 1998). So one user gets half of the room, and a quarter in one place;
// whoever fills his share is counted by user and cgroup, and whoever comes next finds room. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "lib/model/crowd.h"
#include "lib/model/snapshot.h"
#include "lib/policy/rule.h"
#include "lib/watch/ledger.h"

namespace sockwatch {

class Intake {
 public:
  explicit Intake(std::size_t max_sockets) : max_sockets_(max_sockets) {}
  void set_limit(std::size_t max_sockets) { max_sockets_ = max_sockets; }

  // A poll begins. Both outlive it.
  void start(const Policy& policy, const Ledger& ledger);
  // Of a listener's socket: whether to keep it beside those kept so far. What is known stays; one that is not
  // kept is counted.
  bool admits(const SocketRecord& record, std::span<const SocketRecord> kept);
  // The poll is over: its counts replace those of before wherever it was complete. Notes in the snapshot
  // which sockets were shown and are not kept.
  void finish(Snapshot& snapshot);

  // As of the last poll; users and units have no names yet.
  CrowdCounts counts() const;

 private:
  struct Group {
    std::uint32_t uid;
    std::uint64_t cgroup_id;
    Bind bind;
    bool loopback;
    friend auto operator<=>(const Group&, const Group&) = default;
  };
  struct Counted {
    NamespaceId name_space;
    Protocol protocol;
    Scope scope;
    bool over_limit;
    std::uint32_t uid;        // of what is over the limit, else 0
    std::uint64_t cgroup_id;  // the same
    friend auto operator<=>(const Counted&, const Counted&) = default;
  };
  using Counts = std::map<Counted, std::uint64_t>;

  static Group group_of(const SocketRecord& record);
  void count(std::span<const SocketRecord> kept);
  bool has_room(const SocketRecord& record);
  void turn_away(const SocketRecord& record);

  std::size_t max_sockets_;
  const Policy* policy_ = nullptr;
  const Ledger* ledger_ = nullptr;
  bool counted_ = false;   // the maps below are filled; not before they are needed
  std::size_t total_ = 0;  // sockets known, and admitted since
  std::unordered_map<std::uint32_t, std::size_t> by_user_;
  std::map<Group, std::size_t> by_group_;
  std::unordered_map<const Listener*, std::size_t>
      of_known_;  // sockets of this poll that are a known listener's
  std::vector<SocketId> turned_away_;
  Counts fresh_;
  Counts counts_;
};

}  // namespace sockwatch
