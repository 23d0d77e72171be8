// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/pending_owners.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "lib/watch/member_sockets.h"

namespace sockwatch {
namespace {

// Each costs some reads of /proc; of a larger crowd OwnerChecks asks.
constexpr std::size_t kMostAsked = 1000;

}  // namespace

void PendingOwners::add(const std::vector<ListenerKey>& keys) {
  std::vector<ListenerKey> all;
  std::set_union(keys_.begin(), keys_.end(), keys.begin(), keys.end(), std::back_inserter(all));
  keys_ = std::move(all);
}

void PendingOwners::set_deferred(std::vector<ListenerKey> keys) {
  deferred_ = std::move(keys);
  std::sort(deferred_.begin(), deferred_.end());
}

std::vector<ListenerKey> PendingOwners::choose(const Ledger& ledger, const Snapshot& now,
                                               const std::vector<ListenerKey>& touched, std::size_t sockets,
                                               const IsSearched& is_searched) {
  not_polled_.clear();
  std::vector<ListenerKey> chosen;
  std::vector<Newcomer> candidates;
  for (const ListenerKey& key : keys_) {
    if (std::binary_search(touched.begin(), touched.end(), key)) continue;
    const Listener* known = ledger.find(key);
    if (known == nullptr) continue;
    if (sockets_at(now.listeners, key).empty()) {
      if (ledger.is_shown(key)) keep(key);
      continue;
    }
    // A search is given up when nobody asks for what it looks for.
    const bool searched = std::any_of(known->members.begin(), known->members.end(),
                                      [&](const SocketRecord& each) { return is_searched(each.inode); });
    searched ? chosen.push_back(key) : candidates.push_back({known->members, known});
  }
  std::vector<DeferredListener> deferred;
  for (const Newcomer& each : turns_.choose(std::move(candidates), sockets, deferred))
    chosen.push_back(each.known->key);
  for (const DeferredListener& each : deferred) keep(each.key);
  turns_.commit(deferred, now);
  return chosen;
}

// A search that was put off goes on until it ends; one that ended in vain is repeated for as long as the
// verdict may wait, because a process between fork and exec, or a descriptor on its way to another, is soon
// found. So is the child of a server that goes to the background.
void PendingOwners::remember(const Poll& poll, const IsFresh& is_fresh) {
  const Delta& delta = poll.delta;
  if (!delta.opened.empty() || !delta.replaced.empty())
    fresh_until_ = delta.time.monotonic + poll.owner_grace;
  if (delta.empty() && keys_.empty() && delta.time.monotonic > fresh_until_) return;
  keys_.clear();
  urgent_ = false;
  std::sort(not_polled_.begin(), not_polled_.end());
  std::size_t asked = 0;
  ProcessesNow now;
  poll.ledger.for_each([&](const Listener& listener) {
    const OwnerState state = listener.annotation.owner.state;
    const bool in_vain = state != OwnerState::Known && state != OwnerState::Kernel;
    if (listener.only_counted() && !poll.all_owners) return;
    const bool fresh = is_fresh(listener);
    const bool changing = fresh && state == OwnerState::Known && asked < kMostAsked &&
                          (++asked, !poll.annotator.is_current(listener, now));
    const bool seek = state == OwnerState::Budget || (in_vain && fresh) || changing ||
                      std::binary_search(deferred_.begin(), deferred_.end(), listener.key);
    const bool waits = std::binary_search(not_polled_.begin(), not_polled_.end(), listener.key);
    // In the order of keys, so they are sorted.
    if (seek || waits || listener.verdict.kind == VerdictKind::Pending) keys_.push_back(listener.key);
    urgent_ = urgent_ || seek;
  });
}

}  // namespace sockwatch
