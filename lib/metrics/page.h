// SPDX-License-Identifier: Apache-2.0
// The /metrics page, from one immutable View. Nothing but DropCounters is kept between two pages, so what is
// gone from the View is gone from the page.
//
// Closed sets start at 0, with one exception. sockwatch_listeners has 648 combinations of labels, three times
// the budget of a machine at rest (200 series), so it has those that occur, plus zeros for tcp and udp at
// scope `any`: every sum by protocol (of the two), category or verdict exists from the start, and none is
// wrong.
#pragma once

#include <cstddef>
#include <string>

#include "lib/base/clock.h"
#include "lib/metrics/drop_counters.h"
#include "lib/model/build_info.h"
#include "lib/model/process_stats.h"
#include "lib/model/view.h"

namespace sockwatch {

struct MetricsLimits {
  std::size_t max_series = 1024;    // over all metrics that have one series or more a listener
  std::size_t max_port_names = 64;  // of sockwatch_connections; the least used ones become "other"
};

// The text format 0.0.4, in an order that depends on the View only. Ages are measured up to `now`; `drops`
// remembers the page before.
std::string render_metrics(const View& view, const ProcessStats& process, const BuildInfo& build, Instant now,
                           const MetricsLimits& limits, DropCounters& drops);

}  // namespace sockwatch
