// SPDX-License-Identifier: Apache-2.0
// A moment as people say it on the command line.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace sockwatch {

// "24h" (so long ago), "today", "yesterday", "2026-11-24", "2026-11-24 06:29", "2026-11-24 06:29:40", all in
// local time, or "2026-11-24T06:29:40.495Z" as we write it. The error says what was expected.
Result<WallTime> parse_time(std::string_view text, WallTime now);

}  // namespace sockwatch
