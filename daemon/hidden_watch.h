// SPDX-License-Identifier: Apache-2.0
// Searches for hidden ports (lib/crosscheck) now and then and reports them. A search asks for every UDP
// socket and every listener a few times, which may take longer than the loop may stand still, so it runs on a
// thread of its own; everything else is the loop's.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/reactor.h"
#include "daemon/worker.h"
#include "lib/alert/hidden_port_alerts.h"
#include "lib/base/clock.h"
#include "lib/base/repeated.h"
#include "lib/base/result.h"
#include "lib/crosscheck/cross_check.h"

namespace sockwatch {

class HiddenWatch {
 public:
  using Report = std::function<void(std::vector<Alert>)>;

  // Before the privileges are given up: BPF is loaded here. Where it cannot be, sock_diag and /proc/net are
  // compared alone, and the log says why.
  static std::unique_ptr<HiddenWatch> open(const std::string& proc_root, Duration interval);
  // After they are given up. `report` is called from the loop, which must live as long as this.
  Result<void> start(Reactor& loop, const Clock& clock, Report report);

  // Fingerprints of the alerts that are not over.
  std::set<std::string> standing() const { return alerts_.standing(); }

 private:
  HiddenWatch(std::string proc_net, Duration interval)
      : proc_net_(std::move(proc_net)), interval_(interval) {}
  void search();
  void finish(Instant now);

  std::string proc_net_;
  Duration interval_;
  std::unique_ptr<PortWitness> by_bpf_;  // may be null
  CrossCheck::Result result_;            // the thread's while a search is under way
  Report report_;
  std::unique_ptr<Timer> timer_;
  HiddenPortAlerts alerts_;
  Repeated gaps_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace sockwatch
