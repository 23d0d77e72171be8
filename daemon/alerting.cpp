// SPDX-License-Identifier: Apache-2.0
#include "daemon/alerting.h"

#include <numeric>
#include <utility>

#include "lib/base/log.h"

namespace sockwatch {

Alerting::Alerting(const Clock& clock, const MakeSinks& make_sinks, Hooks hooks)
    : clock_(clock),
      hooks_(std::move(hooks)),
      gate_(hooks_.allow, hooks_.parents),
      delivery_(make_sinks([this] { bell_(); }, [this] { return standing(); }), {},
                [this] { return standing(); }) {}

Result<void> Alerting::connect(Reactor& loop) {
  auto bell = loop.add_bell([this] { flush(); });
  if (!bell.ok()) return bell.error();
  bell_ = *std::move(bell);
  auto timer = loop.add_timer([this] { flush(); });
  if (!timer.ok()) return timer.error();
  timer_ = *std::move(timer);
  return {};
}

void Alerting::queue(std::vector<Alert> alerts) {
  recent_.add(alerts);
  if (!alerts.empty()) delivery_.offer(std::move(alerts), clock_.now());
}

void Alerting::flush() {
  report({});
}

void Alerting::report(std::vector<Alert> alerts) {
  const Instant now = clock_.now();
  const std::size_t unfinished = delivery_.unfinished();
  queue(std::move(alerts));
  delivery_.flush(now);
  for (const std::string& news : delivery_.take_news()) log::warning(news);
  if (delivery_.unfinished() != unfinished) hooks_.changed();
  if (const auto due = delivery_.next_due()) timer_->arm(*due - now.monotonic);
}

void Alerting::watch_coverage(LookKind kind, const std::vector<Unseen>& unseen) {
  Degradation& degradation = degradation_[static_cast<std::size_t>(kind)];
  const Degradation::Changes changes = degradation.update(unseen, clock_.now());
  for (const Unseen& part : changes.degraded) degraded(part.what, part.why);
  for (const std::string& part : changes.recovered) recovered(part);
}

std::size_t Alerting::degraded_parts() const {
  return std::accumulate(degradation_.begin(), degradation_.end(), std::size_t{0},
                         [](std::size_t sum, const Degradation& kind) { return sum + kind.count(); });
}

void Alerting::catch_up(std::span<const Listener> open) {
  const std::set<std::string> lacking = delivery_.lacking(gate_.standing());
  if (!lacking.empty()) delivery_.catch_up(gate_.restate(open, lacking));
}

std::set<std::string> Alerting::standing() const {
  std::set<std::string> all = gate_.standing();
  all.merge(hooks_.standing_elsewhere());
  return all;
}

AlertTotals Alerting::totals() const {
  AlertTotals totals = delivery_.totals();
  totals.suppressed[static_cast<std::size_t>(SuppressReason::Flapping)] = gate_.flaps_folded();
  return totals;
}

std::optional<std::string> Alerting::to_keep() const {
  const std::vector<Alert> held_back = gate_.withheld();
  if (!delivery_.worth_saving() && held_back.empty()) return std::nullopt;
  return delivery_.serialize(held_back);
}

void Alerting::finish() {
  report(gate_.finish(clock_.now()));
  delivery_.finish(clock_.now());
}

}  // namespace sockwatch
