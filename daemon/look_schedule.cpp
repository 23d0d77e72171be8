// SPDX-License-Identifier: Apache-2.0
#include "daemon/look_schedule.h"

#include <algorithm>

namespace sockwatch {
namespace {

// Soon enough that a closed or replaced listener is confirmed before anyone asks, and no spin.
constexpr Duration kConfirmAfter = std::chrono::milliseconds(20);

// While events tell what opens, a look at the listeners only has to find what closed, and to check.
constexpr Duration kStretchedListeners = std::chrono::seconds(1);

constexpr int kLooksToBelieve = 4;

constexpr Duration kLongestBlindness = std::chrono::seconds(3);

}  // namespace

// One dear look at the listeners, such as the one that finds ten thousand new ones, says little about the
// next. What a look at the connections costs, the next costs too.
void LookSchedule::finished(LookKind kind, Duration cpu) {
  Duration& cost = cost_[static_cast<std::size_t>(kind)];
  const bool may_be_once = kind == LookKind::Listeners && cpu > cost;
  cost = may_be_once ? cost + (cpu - cost) / kLooksToBelieve : cpu;
}

// Each kind may use half of the budget. But a machine made busy on purpose must not blind us: listeners are
// looked at every few seconds whatever that costs.
Duration LookSchedule::affordable(LookKind kind) const {
  const auto cost = static_cast<double>(cost_[static_cast<std::size_t>(kind)].count());
  const Duration wanted(static_cast<Duration::rep>(cost / (settings_.cpu_budget / 2)));
  return kind == LookKind::Listeners ? std::min(wanted, kLongestBlindness) : wanted;
}

Duration LookSchedule::rest_between_events() const {
  return std::min(affordable(LookKind::Listeners), settings_.listeners);
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
