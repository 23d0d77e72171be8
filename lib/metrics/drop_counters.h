// SPDX-License-Identifier: Apache-2.0
// Drops of rows as counters that never go down. Several listeners may share a row (an assigned port,
// "other"), and each may leave it, by closing or by the budget: a sum over those that are there would fall,
// which Prometheus takes for a restart and adds up again. So what is counted is what was dropped since the
// page before.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "lib/base/clock.h"
#include "lib/metrics/listener_rows.h"
#include "lib/model/listener.h"

namespace sockwatch {

// Used by one thread, the one that makes the pages.
class DropCounters {
 public:
  // Makes `drops` of each row a counter; once a page. A row of one listener goes on where that listener's own
  // count is. A shared row starts at 0 when it appears, and so also with sockwatch.
  void count(std::vector<ListenerRow>& rows, Instant now);

 private:
  std::uint64_t since_last_page(const Listener& listener) const;

  MonotonicTime last_page_ = MonotonicTime::max();  // of its View; before the first one nothing is new
  std::map<ListenerKey, std::uint64_t> seen_;       // drops_total as of then
  std::map<RowPlace, std::uint64_t> counters_;      // of the rows of then
};

}  // namespace sockwatch
