// SPDX-License-Identifier: Apache-2.0
#include "daemon/hidden_watch.h"

#include <chrono>
#include <thread>
#include <utility>

#include "lib/bpf/port_walker.h"
#include "lib/crosscheck/kernel_witnesses.h"
#include "lib/netlink/kernel_channel.h"

namespace sockwatch {
namespace {

constexpr Duration kCpuBudget = std::chrono::seconds(1);
constexpr Duration kBetweenRounds = std::chrono::milliseconds(20);

}  // namespace

std::unique_ptr<HiddenWatch> HiddenWatch::open(const std::string& proc_root, std::string& why_not) {
  std::unique_ptr<HiddenWatch> watch(new HiddenWatch(proc_root + "/net"));
  auto walker = PortWalker::open();
  if (walker.ok()) {
    watch->by_bpf_ = *std::move(walker);
  } else {
    why_not = walker.error().message;
  }
  return watch;
}

Result<void> HiddenWatch::start_thread(std::function<void()> done) {
  auto worker = Worker::start(
      [this] {
        search();
        return false;
      },
      std::move(done));
  if (!worker.ok()) return worker.error();
  worker_ = *std::move(worker);
  return {};
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

CrossCheck::Result HiddenWatch::take() {
  return std::move(result_);
}

}  // namespace sockwatch
