// SPDX-License-Identifier: Apache-2.0
#include "daemon/look_schedule.h"

#include <algorithm>

namespace sockwatch {
namespace {

// Soon enough that a closed or replaced listener is confirmed before anyone asks, and no spin.
constexpr Duration kConfirmAfter = std::chrono::milliseconds(20);

// While events tell what opens, a look at the listeners only has to find what closed, and to check.
constexpr Duration kStretchedListeners = std::chrono::seconds(1);

}  // namespace

// Each kind may use half of the budget.
Duration LookSchedule::affordable(LookKind kind) const {
  const auto cost = static_cast<double>(cost_[static_cast<std::size_t>(kind)].count());
  return Duration(static_cast<Duration::rep>(cost / (settings_.cpu_budget / 2)));
}

Duration LookSchedule::interval(LookKind kind) const {
  Duration wanted = settings_.connections;
  if (kind == LookKind::Listeners) {
    wanted = events_reliable_ ? std::max(settings_.listeners, kStretchedListeners) : settings_.listeners;
  }
  return std::max(wanted, affordable(kind));
}

Duration LookSchedule::interval_when_unsettled(LookKind kind) const {
  return std::min(interval(kind), std::max(kConfirmAfter, affordable(kind)));
}

}  // namespace sockwatch
