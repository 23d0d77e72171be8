// SPDX-License-Identifier: Apache-2.0
// Counts what a delta tells, for the counters that only grow. Pure but for the totals it is given.
#pragma once

#include "lib/model/delta.h"
#include "lib/model/view.h"

namespace sockwatch {

// `since_last_look`: the time in which a listener that a poll found must have opened; nothing at the first
// look.
void count(const Delta& delta, Instant now, std::optional<Duration> since_last_look, Totals& totals);

}  // namespace sockwatch
