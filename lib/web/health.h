// SPDX-License-Identifier: Apache-2.0
// What the two probes ask.
#pragma once

#include "lib/base/clock.h"
#include "lib/model/view.h"

namespace sockwatch {

// The last look at listeners that succeeded is at most `stale_after` old: the road still moves.
bool is_healthy(const View& view, Instant now, Duration stale_after);

}  // namespace sockwatch
