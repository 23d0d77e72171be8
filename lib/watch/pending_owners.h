// SPDX-License-Identifier: Apache-2.0
// Listeners whose owner or verdict is not final, so that each poll asks for them again. Loop thread only.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "lib/annotate/annotator.h"
#include "lib/model/delta.h"
#include "lib/watch/backlog.h"
#include "lib/watch/ledger.h"

namespace sockwatch {

class PendingOwners {
 public:
  // Sorted.
  const std::vector<ListenerKey>& keys() const { return keys_; }
  // An owner is being looked for: poll again soon.
  bool urgent() const { return urgent_; }

  // Also these, sorted, at the next poll.
  void add(const std::vector<ListenerKey>& keys);
  void make_urgent() { urgent_ = true; }
  // In place of those of the last poll: listeners of whose sockets one that joined has no owner yet.
  void set_deferred(std::vector<ListenerKey> keys);
  // Whether a search for owners is under way that looks for this inode.
  using IsSearched = std::function<bool(std::uint32_t)>;
  // Of keys() that the poll shows, but for those that are `touched`, whom to ask for now: about so many
  // sockets, users by turns, and all that is searched. The others stay.
  std::vector<ListenerKey> choose(const Ledger& ledger, const Snapshot& now,
                                  const std::vector<ListenerKey>& touched, std::size_t sockets,
                                  const IsSearched& is_searched);
  // This one of them was not there to ask for: it stays.
  void keep(const ListenerKey& key) { not_polled_.push_back(key); }

  // Whether an owner may still be found, or change hands, so soon after the opening.
  using IsFresh = std::function<bool(const Listener&)>;
  struct Poll {
    const Delta& delta;
    const Ledger& ledger;
    const Annotator& annotator;
    Duration owner_grace;
    bool all_owners;  // also of what is only counted
  };
  // What this poll has left open.
  void remember(const Poll& poll, const IsFresh& is_fresh);

 private:
  std::vector<ListenerKey> keys_;
  std::vector<ListenerKey> deferred_;  // sorted
  std::vector<ListenerKey> not_polled_;
  Backlog turns_;
  bool urgent_ = false;
  MonotonicTime fresh_until_{};  // owners of what opened lately may still change hands
};

}  // namespace sockwatch
