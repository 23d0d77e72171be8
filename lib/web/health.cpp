// SPDX-License-Identifier: Apache-2.0
#include "lib/web/health.h"

namespace sockwatch {

bool is_healthy(const View& view, Instant now, Duration stale_after) {
  const auto& last = view.totals.looks[static_cast<std::size_t>(LookKind::Listeners)].last_success;
  return last && now.monotonic - last->monotonic <= stale_after;
}

}  // namespace sockwatch
