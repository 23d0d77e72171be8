// SPDX-License-Identifier: Apache-2.0
// The other network namespaces of this machine: what they are called, and the way into each. Holds none of
// them open, so that none outlives its last process because of us. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/dir.h"
#include "lib/model/event_source.h"
#include "lib/model/snapshot.h"
#include "lib/netlink/kernel_channel.h"
#include "lib/procfs/net_namespaces.h"

namespace sockwatch {

class NamespaceRoster {
 public:
  // `own` is the namespace this process is in, called "host".
  NamespaceRoster(Dir proc, NamespaceId own) : proc_(std::move(proc)), own_(own) {}

  // Searches for them again where that is due: every few seconds, at a thousandth of a core, and when
  // something hinted at one that is not known. A part of it, some hundred processes; true while there is
  // more.
  bool search(Instant now);
  // All of it.
  void refresh(Instant now) {
    while (search(now)) {
    }
  }

  // All to look into, by nsfs inode.
  std::vector<std::uint64_t> inodes() const;
  // Those whose turn it is: the wanted ones, as far as one look can, and of the others `at_most`, the longest
  // unvisited first. In looks that follow each other closely only the wanted ones.
  std::vector<std::uint64_t> due(Instant now, std::size_t at_most);
  // How long ago the one was visited that waits longest for its turn.
  Duration longest_unvisited(Instant now) const;
  // Something is going on there: the next look shall go there in any case.
  void want(NamespaceId id);
  // ENOENT: it is gone, or all we knew to be in it are. EPERM or EACCES: not for us; that is remembered, and
  // not tried again. `on_arrival` is called there.
  Result<std::unique_ptr<KernelChannel>> enter(std::uint64_t inode,
                                               const std::function<void()>& on_arrival = nullptr);

  // Fills in where it happened, if a number is all that the event tells. Whether looks can show what it tells
  // of. One of a namespace that is not known yet leads us there, if who caused it still runs; where he does
  // not, the event is all that anyone will ever know.
  bool place(SocketEvent& event);

  // "host", or as NetNamespace::name says; also of those that died a while ago. Empty where it was never met.
  std::string name_of(NamespaceId id) const;
  // Of all that were entered before, but for these; in no order.
  std::vector<NamespaceId> ids_but(const std::vector<std::uint64_t>& inodes) const;
  // Of one that was entered before.
  std::optional<NamespaceId> id_of(std::uint64_t inode) const;
  std::optional<std::uint64_t> inode_of(NamespaceId id) const;
  std::string name_of_inode(std::uint64_t inode) const;

  std::vector<std::string> names() const;  // of those that can be entered, without our own
  std::size_t watched() const;             // how many that are
  std::size_t unreadable() const;
  // What is missing from the view of the machine.
  std::vector<Unseen> out_of_sight() const;

 private:
  struct Space {
    NetNamespace facts;
    std::optional<NamespaceId> id;       // once it was entered
    std::string refused;                 // why not
    std::optional<std::int32_t> number;  // in our own, once asked for
    bool wanted = true;                  // by the next look
    MonotonicTime visited{};
  };
  void take(NetNamespaces found);
  void name(NamespaceId id, const std::string& name);
  Space* meet(const SocketEvent& event);
  bool find_by_number(SocketEvent& event);
  void ask_for_numbers();

  Dir proc_;
  NamespaceId own_;
  std::map<std::uint64_t, Space> spaces_;     // by inode
  std::map<NamespaceId, std::string> names_;  // also of the dead, for what is still told of them
  std::vector<std::int32_t> hidden_;          // processes that refused to show theirs
  Instant refused_since_;
  std::optional<NetNamespaceSearch> search_;  // under way
  Duration search_cost_{};
  std::optional<MonotonicTime> last_round_;
  std::optional<Instant> next_search_;  // nothing: now
  std::optional<std::int32_t> own_number_;
  bool numbers_asked_ = false;  // since the last search
};

}  // namespace sockwatch
