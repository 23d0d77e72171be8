// SPDX-License-Identifier: Apache-2.0
// From what has changed to what receivers get: the gate decides, the delivery queues and sends, and the last
// alerts are kept for readers. Nothing is sent before flush() or report(), so not before the loop is
// connected. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/reactor.h"
#include "lib/alert/alert_sink.h"
#include "lib/alert/degradation.h"
#include "lib/alert/delivery.h"
#include "lib/alert/gate.h"
#include "lib/alert/recent_alerts.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/model/view.h"

namespace sockwatch {

class Alerting {
 public:
  // What sinks need: `notify` has their answers taken in, from any thread; `standing` are the fingerprints of
  // all that is wrong.
  using Sinks = std::vector<std::unique_ptr<AlertSink>>;
  using MakeSinks =
      std::function<Sinks(std::function<void()> notify, std::function<std::set<std::string>()> standing)>;
  struct Hooks {
    Gate::AllowText allow;
    Gate::ParentsText parents;
    // Fingerprints of what is wrong and the gate does not know of.
    std::function<std::set<std::string>()> standing_elsewhere;
    // to_keep() would say something else now.
    std::function<void()> changed;
  };
  Alerting(const Clock& clock, const MakeSinks& make_sinks, Hooks hooks);
  Alerting(const Alerting&) = delete;  // its sinks know it
  Alerting& operator=(const Alerting&) = delete;

  // Before the first flush().
  Result<void> connect(Reactor& loop);

  // Queues what the delta means.
  void offer(const Delta& delta) { queue(gate_.offer(delta)); }
  void queue(std::vector<Alert> alerts);
  void flush();
  void report(std::vector<Alert> alerts);

  // A part of the machine is not covered any more, or is again; reported once until the opposite is said.
  void degraded(const std::string& part, const std::string& why) { report(degradation_alerts(part, why)); }
  void queue_degraded(const std::string& part, const std::string& why) {
    queue(degradation_alerts(part, why));
  }
  void recovered(const std::string& part) { report(gate_.recovered(part, clock_.now())); }
  // What the poll that has just ended could not see: reported where it lasts.
  void watch_coverage(LookKind kind, const std::vector<Unseen>& unseen);
  std::size_t degraded_parts() const;

  // Before the first offer(): what an earlier run has reported, and what it had not sent.
  void restore(const ListenerList& known) { gate_.restore(known); }
  Delivery& waiting() { return delivery_; }
  // A receiver that was added, or whose address was mended, gets what was reported before.
  void catch_up(std::span<const Listener> open);

  std::set<std::string> standing() const;
  AlertTotals totals() const;
  std::shared_ptr<const AlertHistory> history() { return recent_.history(); }
  // For a later run: what waits, and what is held back. Nothing where nothing does.
  std::optional<std::string> to_keep() const;

  // The daemon stops: says what is held back and sends what still can be sent.
  void finish();

 private:
  std::vector<Alert> degradation_alerts(const std::string& part, const std::string& why) {
    return gate_.degraded(part, why, clock_.now());
  }

  const Clock& clock_;
  Hooks hooks_;
  Reactor::Bell bell_;
  Gate gate_;
  PerWord<LookKind, Degradation> degradation_;
  RecentAlerts recent_;
  Delivery delivery_;
  std::unique_ptr<Timer> timer_;
};

}  // namespace sockwatch
