// SPDX-License-Identifier: Apache-2.0
#include "daemon/hidden_watch.h"

#include <chrono>
#include <thread>
#include <utility>

#include "lib/base/log.h"
#include "lib/bpf/port_walker.h"
#include "lib/crosscheck/kernel_witnesses.h"
#include "lib/netlink/kernel_channel.h"

namespace sockwatch {
namespace {

constexpr Duration kCpuBudget = std::chrono::seconds(1);
constexpr Duration kFirstSearch = std::chrono::seconds(10);  // after the start
constexpr Duration kBetweenRounds = std::chrono::milliseconds(20);

}  // namespace

std::unique_ptr<HiddenWatch> HiddenWatch::open(const std::string& proc_root, Duration interval) {
  std::unique_ptr<HiddenWatch> watch(new HiddenWatch(proc_root + "/net", interval));
  auto walker = PortWalker::open();
  if (walker.ok()) {
    watch->by_bpf_ = *std::move(walker);
  } else {
    log::info("hidden listeners are searched for without BPF: " + walker.error().message);
  }
  return watch;
}

Result<void> HiddenWatch::start(Reactor& loop, const Clock& clock, Report report) {
  report_ = std::move(report);
  auto done = loop.add_bell([this, &clock] { finish(clock.now()); });
  if (!done.ok()) return done.error();
  auto worker = Worker::start(
      "hidden",
      [this] {
        search();
        return false;
      },
      *std::move(done));
  if (!worker.ok()) return worker.error();
  worker_ = *std::move(worker);
  auto timer = loop.add_timer([this] { worker_->begin(); });
  if (!timer.ok()) return timer.error();
  timer_ = *std::move(timer);
  timer_->arm(kFirstSearch);
  return {};
}

// A search that was not completed has found nothing, and proves nothing about what was found before.
void HiddenWatch::finish(Instant now) {
  (void)worker_->end();
  const CrossCheck::Result result = std::exchange(result_, {});
  if (result.unseen.empty()) {
    report_(alerts_.update(result.hidden, now));
  } else if (const auto gap =
                 gaps_.say(now.monotonic, result.unseen.front().what + ": " + result.unseen.front().why)) {
    log::warning("search for hidden listeners not completed: " + *gap);
  }
  timer_->arm(interval_);
}

// Opened anew each time: who has got hold of our socket and filters it lies to one search at most.
void HiddenWatch::search() {
  result_ = {};
  auto channel = KernelChannel::open();
  auto proc_net = Dir::open(proc_net_);
  if (!channel.ok() || !proc_net.ok()) {
    const Error& error = channel.ok() ? proc_net.error() : channel.error();
    result_.unseen.push_back({"hidden listeners", error.message});
    return;
  }
  SockDiagWitness sock_diag(*std::move(channel));
  ProcNetWitness tables(*std::move(proc_net));
  std::vector<PortWitness*> witnesses{&sock_diag, &tables};
  if (by_bpf_) witnesses.push_back(by_bpf_.get());
  result_ = CrossCheck(
                std::move(witnesses), [] { std::this_thread::sleep_for(kBetweenRounds); }, thread_cpu_time,
                kCpuBudget)
                .run();
}

}  // namespace sockwatch
