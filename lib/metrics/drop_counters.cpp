// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/drop_counters.h"

#include <algorithm>
#include <utility>

namespace sockwatch {

namespace {

bool is_shared(const RowPlace& place) {
  return place.port == kOther || place.port == word(Bind::Assigned);
}

}  // namespace

// A listener that was not on the last page is new, or was gone for a moment only and comes back with what was
// counted before.
std::uint64_t DropCounters::since_last_page(const Listener& listener) const {
  const auto before = seen_.find(listener.key);
  if (before == seen_.end()) return listener.first_seen.monotonic > last_page_ ? listener.drops_total : 0;
  return listener.drops_total - std::min(before->second, listener.drops_total);
}

void DropCounters::count(std::vector<ListenerRow>& rows, Instant now) {
  std::map<ListenerKey, std::uint64_t> seen;
  std::map<RowPlace, std::uint64_t> counters;
  for (ListenerRow& row : rows) {
    std::uint64_t fresh = 0;
    for (const Listener* listener : row.listeners) {
      fresh += since_last_page(*listener);
      seen[listener->key] = listener->drops_total;
    }
    const auto before = counters_.find(row.place);
    if (before != counters_.end()) {
      row.drops = before->second + fresh;
    } else if (is_shared(row.place)) {
      row.drops = fresh;
    }
    counters[row.place] = row.drops;
  }
  seen_ = std::move(seen);
  counters_ = std::move(counters);
  last_page_ = now.monotonic;
}

}  // namespace sockwatch
