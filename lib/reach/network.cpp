// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/network.h"

#include <algorithm>
#include <tuple>

namespace sockwatch::firewall {
namespace {

IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {IpFamily::V4, {a, b, c, d}};
}

IpAddress v6(std::uint8_t first, std::uint8_t second = 0) {
  return {IpFamily::V6, {first, second}};
}

const AddressSet& mapped_addresses() {
  static const AddressSet set =
      AddressSet::range(AddressNumber{0xFFFF} << 32, (AddressNumber{0x10000} << 32) - 1);
  return set;
}

bool leads_to(const Route& route, const NetworkInterface& by) {
  return std::find(route.interfaces.begin(), route.interfaces.end(), by.index) != route.interfaces.end();
}

}  // namespace

bool is_loopback(const IpAddress& address) {
  if (address.family == IpFamily::V4) return address.bytes[0] == 127;
  return number_of(address) == 1;
}

bool is_link_local(const IpAddress& address) {
  if (address.family == IpFamily::V4) return address.bytes[0] == 169 && address.bytes[1] == 254;
  return address.bytes[0] == 0xFE && (address.bytes[1] & 0xC0) == 0x80;
}

bool is_multicast(const IpAddress& address) {
  return address.family == IpFamily::V4 ? address.bytes[0] >> 4 == 14 : address.bytes[0] == 0xFF;
}

void Network::prepare() {
  // The local table is asked before the others; there the longest prefix wins, then the lowest metric.
  std::stable_sort(routes.begin(), routes.end(), [](const Route& a, const Route& b) {
    return std::tuple(!a.of_local_table, -int{a.length}, a.metric) <
           std::tuple(!b.of_local_table, -int{b.length}, b.metric);
  });
  prepare(IpFamily::V4, parts_v4_);
  prepare(IpFamily::V6, parts_v6_);
}

void Network::prepare(IpFamily family, std::vector<Part>& parts) const {
  parts.clear();
  AddressSet rest = AddressSet::all(family);
  for (const Route& route : routes) {
    if (route.to.family != family) continue;
    const AddressSet behind = AddressSet::prefix(route.to, route.length) & rest;
    if (behind.empty()) continue;
    rest = rest - behind;
    parts.emplace_back(behind, &route);
  }
  if (!rest.empty()) parts.emplace_back(rest, nullptr);
}

const NetworkInterface* Network::find(std::uint32_t index) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const NetworkInterface& each) { return each.index == index; });
  return found == interfaces.end() ? nullptr : &*found;
}

const NetworkInterface* Network::find(const std::string& name) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const NetworkInterface& each) { return each.name == name; });
  return found == interfaces.end() ? nullptr : &*found;
}

const Route* Network::route_to(const IpAddress& address) const {
  const AddressNumber number = number_of(address);
  for (const Part& part : parts(address.family)) {
    if (part.first.contains(number)) return part.second;
  }
  return nullptr;
}

bool Network::is_local(const IpAddress& address) const {
  const Route* route = route_to(address);
  return route != nullptr && route->of_local_table && route->type != RouteType::Unicast;
}

AddressSet Network::behind(const NetworkInterface& by, IpFamily family) const {
  AddressSet set;
  for (const Part& part : parts(family)) {
    if (part.second != nullptr && part.second->type == RouteType::Unicast && leads_to(*part.second, by))
      set = set | part.first;
  }
  // Of link-local addresses every interface has its own.
  for (const Route& route : routes) {
    if (family == IpFamily::V6 && route.to.family == family && is_link_local(route.to) &&
        route.type == RouteType::Unicast && leads_to(route, by))
      set = set | AddressSet::prefix(route.to, route.length);
  }
  return set;
}

AddressSet Network::martians(const NetworkInterface& by, IpFamily family) const {
  AddressSet set;
  if (family == IpFamily::V4) {
    set = AddressSet::prefix(v4(0, 0, 0, 0), 8) | AddressSet::prefix(v4(224, 0, 0, 0), 4) |
          AddressSet::of(v4(255, 255, 255, 255));
    if (!by.routes_loopback) set = set | AddressSet::prefix(v4(127, 0, 0, 0), 8);
  } else {
    set = AddressSet::range(0, 1) | AddressSet::prefix(v6(0xFF), 8) | mapped_addresses();
  }
  for (const Part& part : parts(family)) {
    if (part.second == nullptr || !part.second->of_local_table) continue;
    const bool own = part.second->type == RouteType::Local || part.second->type == RouteType::Anycast;
    if (!own || !by.accepts_local) set = set | part.first;
  }
  return set;
}

std::vector<IpAddress> Network::destinations(const NetworkInterface& by, IpFamily family) const {
  std::vector<IpAddress> found;
  for (const Route& route : routes) {
    if (route.to.family != family || !route.of_local_table || route.type != RouteType::Local) continue;
    // Any address of this machine is taken from any interface, but for these.
    if (is_loopback(route.to)) {
      if (family == IpFamily::V6 || !by.routes_loopback || route.length < 32) continue;
    }
    if (family == IpFamily::V6 && is_link_local(route.to) && !leads_to(route, by)) continue;
    if (std::find(found.begin(), found.end(), route.to) == found.end()) found.push_back(route.to);
  }
  return found;
}

std::vector<IpAddress> Network::group_destinations(const NetworkInterface& by, IpFamily family) const {
  std::vector<IpAddress> found;
  if (family == IpFamily::V4) {
    found.push_back(v4(255, 255, 255, 255));
    for (const Route& route : routes) {
      if (route.to.family == family && route.type == RouteType::Broadcast && leads_to(route, by))
        found.push_back(route.to);
    }
  }
  for (const IpAddress& group : by.groups) {
    if (group.family == family) found.push_back(group);
  }
  return found;
}

}  // namespace sockwatch::firewall
