// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/poll_schedule.h"

#include <algorithm>
#include <cmath>

namespace sockwatch {
namespace {

// Soon enough that a closed or replaced listener is confirmed before anyone asks, and no spin.
constexpr Duration kConfirmAfter = std::chrono::milliseconds(20);

// While events report what opens, a poll of the listeners only has to find what closed, and to check.
constexpr Duration kStretchedListeners = std::chrono::seconds(1);

// The budget stretches polls of the listeners up to here.
constexpr Duration kLongestBlindness = std::chrono::seconds(1);

// While events report what opens, a visit elsewhere only has to find what closed.
constexpr Duration kTourWithEvents = std::chrono::seconds(10);

// Visits a second, some 0.2 ms each.
constexpr double kMostVisits = 256;

constexpr int kPollsToBelieve = 4;

// One expensive poll of the listeners, such as the one that finds ten thousand new ones, says little about
// the next.
Duration believed(Duration before, Duration now) {
  return now > before ? before + (now - before) / kPollsToBelieve : now;
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void PollSchedule::finished(LookKind kind, Duration cpu) {
  Duration& cost = cost_[static_cast<std::size_t>(kind)];
  // What a poll of the connections costs, the next costs too.
  cost = kind == LookKind::Listeners ? believed(cost, cpu) : cpu;
}

void PollSchedule::visited(std::size_t namespaces, Duration cpu) {
  if (namespaces == 0) {
    cost_of_tour_ = Duration(0);
    return;
  }
  const Duration each = cpu / static_cast<Duration::rep>(namespaces);
  cost_of_visit_ = believed(cost_of_visit_, each);
  cost_of_tour_ = believed(cost_of_tour_, cpu);
}

double PollSchedule::share_of_listeners() const {
  return seconds(cost_[static_cast<std::size_t>(LookKind::Listeners)] + cost_of_tour_) /
         seconds(interval(LookKind::Listeners));
}

// Half of the budget is for the listeners; connections have the other half, and less where the listeners need
// more, but never nothing.
Duration PollSchedule::affordable(LookKind kind) const {
  double share = settings_.cpu_budget / 2;
  if (kind == LookKind::Connections)
    share = std::clamp(settings_.cpu_budget - share_of_listeners(), settings_.cpu_budget / 10, share);
  const auto cost = static_cast<double>(cost_[static_cast<std::size_t>(kind)].count());
  const Duration wanted(static_cast<Duration::rep>(cost / share));
  return kind == LookKind::Listeners ? std::min(wanted, kLongestBlindness) : wanted;
}

Duration PollSchedule::promised() const {
  return std::max(settings_.listeners, kLongestBlindness);
}

// Everything that is left of their half, and as often as promised in any case.
std::size_t PollSchedule::visits(std::size_t namespaces, Duration since_last) const {
  const auto all = static_cast<double>(namespaces);
  const Duration own = cost_[static_cast<std::size_t>(LookKind::Listeners)];
  const double left = settings_.cpu_budget / 2 - seconds(own) / seconds(interval(LookKind::Listeners));
  const double by_budget = cost_of_visit_ > Duration(0) ? left / seconds(cost_of_visit_) : kMostVisits;
  const double needed = all / seconds(events_reliable_ ? kTourWithEvents : promised());
  const double rate = std::min(std::max(by_budget, needed), kMostVisits);
  const double turns = std::ceil(rate * seconds(std::min(since_last, promised())));
  return static_cast<std::size_t>(std::clamp(turns, std::min(1.0, all), all));
}

Duration PollSchedule::rest_between_events() const {
  return std::min(affordable(LookKind::Listeners), settings_.listeners);
}

Duration PollSchedule::interval(LookKind kind) const {
  Duration wanted = settings_.connections;
  if (kind == LookKind::Listeners) {
    wanted = events_reliable_ ? std::max(settings_.listeners, kStretchedListeners) : settings_.listeners;
  }
  return std::max(wanted, affordable(kind));
}

Duration PollSchedule::interval_when_unsettled(LookKind kind) const {
  return std::min(interval(kind), std::max(kConfirmAfter, affordable(kind)));
}

}  // namespace sockwatch
