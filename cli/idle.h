// SPDX-License-Identifier: Apache-2.0
// Listeners to which nobody has connected for long: those to close. Pure.
#pragma once

#include <span>
#include <vector>

#include "cli/table.h"
#include "lib/base/clock.h"
#include "lib/json/listener_report.h"

namespace sockwatch {

// Those without a connection for at least `time`, the longest idle first. One that was never connected to
// counts from when the daemon first saw it. UDP has no connections, so nothing is said about it.
std::vector<ReportedListener> idle_among(std::span<const ReportedListener> listeners, Duration time,
                                         WallTime now);

TextTable idle_table(std::span<const ReportedListener> idle);

}  // namespace sockwatch
