// SPDX-License-Identifier: Apache-2.0
// Searches for hidden ports (lib/crosscheck) now and then, on a thread of its own: it asks for every UDP
// socket and every listener a few times, which may take longer than the loop may stand still.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/worker.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/crosscheck/cross_check.h"

namespace sockwatch {

class HiddenWatch {
 public:
  // Before the privileges are given up: BPF is loaded here. Where it cannot be, sock_diag and /proc/net are
  // compared alone, and `why_not` says why.
  static std::unique_ptr<HiddenWatch> open(const std::string& proc_root, std::string& why_not);
  // After they are given up. `done` is called on the thread.
  Result<void> start_thread(std::function<void()> done);

  void begin() { worker_->begin(); }
  // After done().
  CrossCheck::Result take();

 private:
  explicit HiddenWatch(std::string proc_net) : proc_net_(std::move(proc_net)) {}
  void search();

  std::string proc_net_;
  std::unique_ptr<PortWitness> by_bpf_;  // may be null
  CrossCheck::Result result_;            // the worker's between begin() and done()
  std::unique_ptr<Worker> worker_;
};

}  // namespace sockwatch
