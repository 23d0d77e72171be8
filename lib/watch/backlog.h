// SPDX-License-Identifier: Apache-2.0
// Which of the listeners that a poll shows as new or changed are taken in by it, and which are deferred to
// the next polls: to annotate and judge tens of thousands at once would hold up everything else. Users take
// turns, so that no user's crowd delays another's listener; of one user's, what has waited longest comes
// first, so that nobody can hide one behind others for ever. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "lib/model/delta.h"
#include "lib/model/listener.h"
#include "lib/model/snapshot.h"

namespace sockwatch {

// An endpoint whose sockets are not those that are known.
struct Newcomer {
  std::span<const SocketRecord> sockets;  // never empty
  const Listener* known = nullptr;        // null: nothing is
};

class Backlog {
 public:
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  // Of newcomers in the order of keys: those to take in, about so many sockets, in that order. Adds the
  // others to `deferred`.
  std::vector<Newcomer> choose(std::vector<Newcomer> newcomers, std::size_t sockets,
                               std::vector<DeferredListener>& deferred) const;

  // These are deferred now. What was and is not among them stays as long as the poll does not prove that it
  // is gone.
  void commit(const std::vector<DeferredListener>& deferred, const Snapshot& now);

  std::size_t size() const { return waiting_.size(); }
  // Who has most of them, and how many.
  std::pair<std::uint32_t, std::size_t> most() const;
  // Where the next of them are; some of those where they are many.
  std::set<NamespaceId> namespaces() const;

 private:
  struct Waiting {
    DeferredListener listener;
    std::uint64_t since = 0;  // number of the poll
  };
  std::vector<std::uint64_t> ages(const std::vector<Newcomer>& newcomers) const;

  std::vector<Waiting> waiting_;  // sorted by key
  std::uint64_t polls_ = 0;
};

}  // namespace sockwatch
