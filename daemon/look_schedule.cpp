// SPDX-License-Identifier: Apache-2.0
#include "daemon/look_schedule.h"

#include <algorithm>

namespace sockwatch {
namespace {

// Soon enough that a closed or replaced listener is confirmed before anyone asks, and no spin.
constexpr Duration kConfirmAfter = std::chrono::milliseconds(20);

}  // namespace

// Each kind may use half of the budget.
Duration LookSchedule::affordable(LookKind kind) const {
  const auto cost = static_cast<double>(cost_[static_cast<std::size_t>(kind)].count());
  return Duration(static_cast<Duration::rep>(cost / (settings_.cpu_budget / 2)));
}

Duration LookSchedule::interval(LookKind kind) const {
  const Duration wanted = kind == LookKind::Listeners ? settings_.listeners : settings_.connections;
  return std::max(wanted, affordable(kind));
}

Duration LookSchedule::interval_when_unsettled(LookKind kind) const {
  return std::min(interval(kind), std::max(kConfirmAfter, affordable(kind)));
}

}  // namespace sockwatch
