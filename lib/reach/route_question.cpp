// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/route_question.h"

#include <array>
#include <cstring>

namespace sockwatch::firewall {
namespace {

std::vector<std::uint8_t> machine_bytes(std::uint32_t value) {
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

constexpr std::array<std::uint32_t, 6> kRouteTypes{1, 2, 3, 5, 4, 7};  // RTN_*, in the order of RouteType

// What fib calls an address, when a route leads there or none does. IPv4 asks the local table alone.
std::uint32_t type_of(const Network::Part& part, IpFamily family, const NetworkInterface* only_by) {
  const Route* route = part.second;
  const bool special = route != nullptr && route->of_local_table && route->type != RouteType::Unicast;
  const bool by_it = only_by == nullptr ||
                     (special && !route->interfaces.empty() && route->interfaces.front() == only_by->index);
  if (special && by_it) return kRouteTypes[static_cast<std::size_t>(route->type)];
  if (family == IpFamily::V4) return kRouteTypes[0];
  const bool leads = route != nullptr && route->type != RouteType::Unreachable;
  return leads ? kRouteTypes[0] : kRouteTypes[5];
}

std::vector<RouteAnswer> types(const Flow& flow, const NetworkInterface* only_by, const AddressSet& of) {
  std::vector<RouteAnswer> answers;
  const auto add = [&](const AddressSet& set, std::uint32_t type) {
    if (!set.empty()) answers.push_back({set, machine_bytes(type)});
  };
  AddressSet rest = of;
  const auto settle = [&](const IpAddress& address, unsigned length, RouteType type) {
    const AddressSet set = AddressSet::prefix(address, length);
    add(rest & set, kRouteTypes[static_cast<std::size_t>(type)]);
    rest = rest - set;
  };
  if (flow.family == IpFamily::V4) {
    settle({IpFamily::V4, {0}}, 8, RouteType::Broadcast);
    settle({IpFamily::V4, {255, 255, 255, 255}}, 32, RouteType::Broadcast);
    settle({IpFamily::V4, {224}}, 4, RouteType::Multicast);
  } else {
    settle({IpFamily::V6, {0xFF}}, 8, RouteType::Multicast);
  }
  const bool main_counts = flow.family == IpFamily::V6 && !flow.network.policy_routing_v6.empty();
  for (const Network::Part& part : flow.network.parts(flow.family)) {
    const AddressSet set = rest & part.first;
    if (set.empty()) continue;
    const bool local = part.second != nullptr && part.second->of_local_table;
    if (main_counts && !local) {
      answers.push_back({set, std::nullopt});
    } else {
      add(set, type_of(part, flow.family, only_by));
    }
  }
  return answers;
}

}  // namespace

std::vector<RouteAnswer> ask_routes(const LoadRoute& load, const Flow& flow, const Packet& packet) {
  const bool about_source = load.about == LoadRoute::About::Source;
  const std::vector<RouteAnswer> nobody_knows{{packet.sources, std::nullopt}};
  if (load.by_output || load.by_mark) return nobody_knows;
  if (about_source ? !packet.source_known : !packet.destination_known) return nobody_knows;
  const NetworkInterface* by = load.by_input ? &flow.input : nullptr;
  if (load.result == LoadRoute::Result::Type) {
    if (about_source) return types(flow, by, packet.sources);
    std::vector<RouteAnswer> answers = types(flow, by, AddressSet::of(packet.destination));
    for (RouteAnswer& answer : answers) answer.sources = packet.sources;
    return answers;
  }
  if (!about_source || by == nullptr || !flow.network.policy_routing(flow.family).empty())
    return nobody_knows;
  const AddressSet behind = flow.network.behind(*by, flow.family);
  std::vector<std::uint8_t> found = machine_bytes(load.present ? 1 : by->index);
  std::vector<std::uint8_t> none = machine_bytes(0);
  if (load.result == LoadRoute::Result::Name && !load.present) {
    found.assign(by->name.begin(), by->name.end());
    found.resize(16);
    none.assign(16, 0);
  }
  return {{packet.sources & behind, found}, {packet.sources - behind, none}};
}

}  // namespace sockwatch::firewall
