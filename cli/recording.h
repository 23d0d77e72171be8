// SPDX-License-Identifier: Apache-2.0
// A recording, played to its end: what was open then. Needs no privilege; touches neither /proc nor the
// network.
#pragma once

#include <string>

#include "cli/look.h"
#include "lib/monitor/setup.h"

namespace sockwatch {

// Judged by the policy of `setup`. A recording without one of the kinds of look that `depth` asks for has a
// gap.
Result<Look> look_at_recording(const std::string& file, const Setup& setup, Depth depth);

}  // namespace sockwatch
