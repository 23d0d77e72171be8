// SPDX-License-Identifier: Apache-2.0
// Interfaces, addresses and routes of one network namespace, as far as they decide who gets in. Values, and
// the questions the kernel asks its routing tables. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/reach/address_set.h"

namespace sockwatch::firewall {

struct NetworkInterface {
  std::uint32_t index = 0;
  std::string name{};
  std::uint16_t type = 1;  // ARPHRD_*
  std::uint32_t group = 0;
  std::string kind{};  // "bridge", "veth"; empty for hardware
  std::uint32_t master = 0;
  bool up = true;
  bool loopback = false;
  // Its sysctls, those of "all" taken into account.
  std::uint8_t reverse_path_filter = 0;  // 1 strict, 2 loose; IPv4 only
  bool forwards_v4 = false;
  bool forwards_v6 = false;
  bool routes_loopback = false;         // route_localnet
  bool accepts_local = false;           // packets from the machine's own addresses
  std::vector<IpAddress> groups{};      // of multicast, that somebody on it has joined
  std::vector<std::string> programs{};  // that may take packets away: "XDP program 17"

  bool forwards(IpFamily family) const { return family == IpFamily::V4 ? forwards_v4 : forwards_v6; }
};

enum class RouteType : std::uint8_t { Unicast, Local, Broadcast, Multicast, Anycast, Unreachable };

struct Route {
  IpAddress to{};  // of the family
  std::uint8_t length = 0;
  RouteType type = RouteType::Unicast;
  bool of_local_table = false;  // asked first
  std::uint32_t metric = 0;
  std::vector<std::uint32_t> interfaces{};  // that its next hops are behind
};

struct InterfaceAddress {
  std::uint32_t interface_index = 0;
  IpAddress address{};
};

struct Network {
  std::vector<NetworkInterface> interfaces{};
  std::vector<InterfaceAddress> addresses{};  // in the order the kernel has them
  std::vector<Route> routes{};
  // Why routing is more than the main table; empty: it is not.
  std::string policy_routing_v4{};
  std::string policy_routing_v6{};

  // Sorts the routes as the kernel prefers them, and finds who is behind each. Once, before any question.
  void prepare();

  const NetworkInterface* find(std::uint32_t index) const;
  const NetworkInterface* find(const std::string& name) const;
  const std::string& policy_routing(IpFamily family) const {
    return family == IpFamily::V4 ? policy_routing_v4 : policy_routing_v6;
  }

  // Null: there is none.
  const Route* route_to(const IpAddress& address) const;
  // What every address is to the routing tables: sets that do not overlap; null where no route leads.
  using Part = std::pair<AddressSet, const Route*>;
  const std::vector<Part>& parts(IpFamily family) const {
    return family == IpFamily::V4 ? parts_v4_ : parts_v6_;
  }

  bool is_local(const IpAddress& address) const;
  // Whom the machine would answer by this interface.
  AddressSet behind(const NetworkInterface& by, IpFamily family) const;
  // Packets from here are thrown away before anybody sees them: loopback, multicast, our own addresses.
  AddressSet martians(const NetworkInterface& by, IpFamily family) const;
  // Addresses of this machine that a packet by this interface may be sent to.
  std::vector<IpAddress> destinations(const NetworkInterface& by, IpFamily family) const;
  // Where broadcasts and multicasts by this interface go.
  std::vector<IpAddress> group_destinations(const NetworkInterface& by, IpFamily family) const;

 private:
  void prepare(IpFamily family, std::vector<Part>& parts) const;

  std::vector<Part> parts_v4_;
  std::vector<Part> parts_v6_;
};

bool is_loopback(const IpAddress& address);
bool is_link_local(const IpAddress& address);
bool is_multicast(const IpAddress& address);

}  // namespace sockwatch::firewall
