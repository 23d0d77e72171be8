// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/pending_owners.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sockwatch {

void PendingOwners::add(const std::vector<ListenerKey>& keys) {
  std::vector<ListenerKey> all;
  std::set_union(keys_.begin(), keys_.end(), keys.begin(), keys.end(), std::back_inserter(all));
  keys_ = std::move(all);
}

void PendingOwners::set_deferred(std::vector<ListenerKey> keys) {
  deferred_ = std::move(keys);
  std::sort(deferred_.begin(), deferred_.end());
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
  ProcessesNow now;
  poll.ledger.for_each([&](const Listener& listener) {
    const OwnerState state = listener.annotation.owner.state;
    const bool in_vain = state != OwnerState::Known && state != OwnerState::Kernel;
    if (listener.only_counted() && !poll.all_owners) return;
    const bool fresh = is_fresh(listener);
    const bool changing = fresh && state == OwnerState::Known && !poll.annotator.is_current(listener, now);
    const bool seek = state == OwnerState::Budget || (in_vain && fresh) || changing ||
                      std::binary_search(deferred_.begin(), deferred_.end(), listener.key);
    const bool waits = std::binary_search(not_polled_.begin(), not_polled_.end(), listener.key);
    // In the order of keys, so they are sorted.
    if (seek || waits || listener.verdict.kind == VerdictKind::Pending) keys_.push_back(listener.key);
    urgent_ = urgent_ || seek;
  });
}

}  // namespace sockwatch
