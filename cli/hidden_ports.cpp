// SPDX-License-Identifier: Apache-2.0
#include "cli/hidden_ports.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "lib/base/clock.h"
#include "lib/bpf/port_walker.h"
#include "lib/crosscheck/bind_witness.h"
#include "lib/crosscheck/kernel_witnesses.h"
#include "lib/netlink/kernel_channel.h"

namespace sockwatch {
namespace {

// The first sweep of bind(2) alone costs half of it.
constexpr Duration kCpuBudget = std::chrono::seconds(2);
constexpr Duration kBetweenRounds = std::chrono::milliseconds(5);

}  // namespace

CrossCheck::Result find_hidden_ports(const std::string& proc) {
  std::vector<std::unique_ptr<PortWitness>> witnesses;
  std::vector<Unseen> unseen;
  const auto take = [&](std::string_view name, auto opened, const auto& make) {
    if (opened.ok()) {
      witnesses.push_back(make(*std::move(opened)));
    } else {
      unseen.push_back({std::string(name), opened.error().message});
    }
  };
  take("sock_diag", KernelChannel::open(),
       [](auto channel) { return std::make_unique<SockDiagWitness>(std::move(channel)); });
  take("/proc/net", Dir::open(proc + "/net"),
       [](Dir directory) { return std::make_unique<ProcNetWitness>(std::move(directory)); });
  take("BPF iterator", PortWalker::open(), [](auto walker) { return walker; });
  take("bind", KernelChannel::open(),
       [](auto channel) { return std::make_unique<BindWitness>(std::move(channel)); });

  std::vector<PortWitness*> asked;
  for (const auto& witness : witnesses) asked.push_back(witness.get());
  CrossCheck::Result result =
      CrossCheck(
          std::move(asked), [] { std::this_thread::sleep_for(kBetweenRounds); }, thread_cpu_time, kCpuBudget)
          .run();
  result.unseen.insert(result.unseen.begin(), unseen.begin(), unseen.end());
  return result;
}

std::string hidden_ports_text(const CrossCheck::Result& result) {
  std::string text;
  for (const HiddenPort& port : result.hidden) {
    text += "hidden: " + std::to_string(port.port) + "/" + std::string(word(port.protocol)) + " is open by " +
            port.shown_by + ", and " + port.denied_by + " denies it\n";
  }
  return text.empty() ? "No hidden ports.\n" : text;
}

JsonMember hidden_ports_json(const CrossCheck::Result& result) {
  std::vector<std::string> rows;
  for (const HiddenPort& port : result.hidden) {
    rows.push_back(json_object(std::vector<Field>{{"protocol", std::string(word(port.protocol))},
                                                  {"port", std::uint64_t{port.port}},
                                                  {"denied_by", port.denied_by},
                                                  {"shown_by", port.shown_by}}));
  }
  return {"hidden", json_list(rows)};
}

}  // namespace sockwatch
