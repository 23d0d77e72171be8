// SPDX-License-Identifier: Apache-2.0
#include "cli/packet_path.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "cli/reach_report.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

using firewall::NetworkInterface;
using firewall::ReachTarget;

Result<const NetworkInterface*> interface_of(const PacketQuestion& question,
                                             const firewall::Network& network) {
  if (!question.interface_name.empty()) {
    const NetworkInterface* named = network.find(question.interface_name);
    if (named == nullptr)
      return Error{"--interface " + question.interface_name + ": there is none of that name"};
    return named;
  }
  const firewall::Route* route = network.route_to(question.from);
  const NetworkInterface* leads =
      route == nullptr || route->interfaces.empty() ? nullptr : network.find(route->interfaces.front());
  if (leads == nullptr)
    return Error{"no interface leads to " + to_string(question.from) + ": name one with --interface"};
  return leads;
}

// What listens there, each once; else whatever the port is of.
std::vector<ReachTarget> targets_of(const PacketQuestion& question, const Look& look) {
  std::vector<ReachTarget> targets;
  for (const OpenListener& open : look.listeners) {
    const auto target = reach_target(open.listener);
    if (target && open.listener.annotation.name_space == kHostNamespace) targets.push_back(*target);
  }
  if (!targets.empty()) return targets;
  const Protocol protocol = question.port.protocol.value_or(Protocol::Tcp);
  const auto transport = static_cast<std::uint8_t>(protocol == Protocol::Udp ? IPPROTO_UDP : IPPROTO_TCP);
  return {{.transport = transport, .address = {question.from.family, {}}, .port = question.port.port}};
}

}  // namespace

Result<std::string> path_of(const PacketQuestion& question, const Look& look, const Firewall& firewall) {
  const auto interface = interface_of(question, firewall.network);
  if (!interface.ok()) return interface.error();
  const NetworkInterface& by = **interface;
  firewall::ReachQuestion reach(firewall.rules, firewall.network);
  std::string text;
  for (const ReachTarget& target : targets_of(question, look)) {
    const std::vector<IpAddress> addresses = reach.addresses_of(target, by, question.from.family);
    if (addresses.empty()) continue;
    const IpAddress& to = addresses.front();
    firewall::Reasons reasons;
    const auto sources = firewall::AddressSet::of(question.from);
    const bool heard = (sources & firewall.network.martians(by, question.from.family)).empty();
    text += "from " + to_string(question.from) + " by " + printable(by.name) + " to " + to_string(to) +
            " port " + std::to_string(target.port) + "/" + (target.transport == IPPROTO_UDP ? "udp" : "tcp") +
            ":\n";
    text += heard ? path_text(reach.follow(target, to, by, sources, reasons, true), reasons)
                  : std::string("  the kernel takes no packets from there by this interface\n");
  }
  if (text.empty()) return Error{"nothing at the port has an address that " + by.name + " leads to"};
  return text;
}

}  // namespace sockwatch
