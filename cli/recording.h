// SPDX-License-Identifier: Apache-2.0
// A recording, played to its end: what was open then. Needs no privilege; touches neither /proc nor the
// network.
#pragma once

#include <string>
#include <vector>

#include "cli/look.h"
#include "lib/model/event.h"
#include "lib/monitor/setup.h"

namespace sockwatch {

// Judged by the policy of `setup`. A recording without one of the kinds of look that `depth` asks for has a
// gap.
Result<Look> look_at_recording(const std::string& file, const Setup& setup, Depth depth);

struct RecordedAlerts {
  std::vector<Alert> alerts;
  bool cut_short = false;  // the recording ends in mid-write
  std::string damage{};    // why it proves nothing about what it does not hold
};
// What the daemon would have told, had it looked when the recording did, with the policy of `setup`.
Result<RecordedAlerts> alerts_in_recording(const std::string& file, const Setup& setup);

}  // namespace sockwatch
