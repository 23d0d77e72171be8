// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/network_builder.h"

#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/text.h"

namespace sockwatch::firewall {
namespace {

constexpr std::size_t kMostRoutes = 20'000;

template <typename Header, typename Take>
void for_attributes(Bytes message, const Take& take) {
  AttributeWalk walk(message.subspan(std::min(NLMSG_ALIGN(sizeof(Header)), message.size())));
  while (const auto attribute = walk.next()) take(*attribute);
}

template <typename Take>
void for_nested(const Attribute& nest, const Take& take) {
  AttributeWalk walk(nest.payload);
  while (const auto attribute = walk.next()) take(*attribute);
}

std::uint32_t number(const Attribute& attribute) {
  return read_struct<std::uint32_t>(attribute.payload).value_or(0);
}

std::string text(const Attribute& attribute) {
  const auto* begin = reinterpret_cast<const char*>(attribute.payload.data());
  return {begin, ::strnlen(begin, attribute.payload.size())};
}

std::optional<IpFamily> ip_family(std::uint8_t family) {
  if (family == AF_INET) return IpFamily::V4;
  return family == AF_INET6 ? std::optional(IpFamily::V6) : std::nullopt;
}

std::optional<IpAddress> address(const Attribute& attribute, IpFamily family) {
  const std::size_t width = width_of(family) / 8;
  if (attribute.payload.size() < width) return std::nullopt;
  IpAddress read{family, {}};
  std::memcpy(read.bytes.data(), attribute.payload.data(), width);
  return read;
}

std::string kind_of_link(const Attribute& info) {
  std::string kind;
  for_nested(info, [&kind](const Attribute& attribute) {
    if (attribute.type == IFLA_INFO_KIND) kind = text(attribute);
  });
  return kind;
}

// "XDP program 17"; empty where there is none.
std::string xdp_program(const Attribute& info) {
  bool attached = false;
  std::string name = "XDP program";
  for_nested(info, [&](const Attribute& attribute) {
    if (attribute.type == IFLA_XDP_ATTACHED)
      attached = read_struct<std::uint8_t>(attribute.payload).value_or(0) != XDP_ATTACHED_NONE;
    if (attribute.type == IFLA_XDP_PROG_ID) name += " " + std::to_string(number(attribute));
  });
  return attached ? name : std::string();
}

std::optional<RouteType> route_type(std::uint8_t type) {
  switch (type) {
    case RTN_UNICAST:
      return RouteType::Unicast;
    case RTN_LOCAL:
      return RouteType::Local;
    case RTN_BROADCAST:
      return RouteType::Broadcast;
    case RTN_ANYCAST:
      return RouteType::Anycast;
    case RTN_MULTICAST:
      return RouteType::Multicast;
    case RTN_BLACKHOLE:
    case RTN_UNREACHABLE:
    case RTN_PROHIBIT:
      return RouteType::Unreachable;
    default:
      return std::nullopt;
  }
}

void add_next_hops(Bytes hops, Route& route) {
  while (const auto hop = read_struct<rtnexthop>(hops)) {
    if (hop->rtnh_len < sizeof *hop || hop->rtnh_len > hops.size()) return;
    route.interfaces.push_back(static_cast<std::uint32_t>(hop->rtnh_ifindex));
    hops = hops.subspan(std::min<std::size_t>(RTNH_ALIGN(hop->rtnh_len), hops.size()));
  }
}

// Words between blanks.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view part : split(line, ' ')) {
    for (const std::string_view word : split(part, '\t')) {
      if (!word.empty()) words.push_back(word);
    }
  }
  return words;
}

}  // namespace

NetworkInterface* NetworkBuilder::find(std::uint32_t index) {
  auto& all = network_.interfaces;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [index](const NetworkInterface& each) { return each.index == index; });
  return found == all.end() ? nullptr : &*found;
}

void NetworkBuilder::add_link(Bytes message) {
  const auto header = read_struct<ifinfomsg>(message);
  if (!header) return;
  NetworkInterface link{.index = static_cast<std::uint32_t>(header->ifi_index), .type = header->ifi_type};
  link.up = (header->ifi_flags & IFF_UP) != 0;
  link.loopback = (header->ifi_flags & IFF_LOOPBACK) != 0;
  for_attributes<ifinfomsg>(message, [&link](const Attribute& attribute) {
    switch (attribute.type) {
      case IFLA_IFNAME:
        link.name = text(attribute);
        break;
      case IFLA_MASTER:
        link.master = number(attribute);
        break;
      case IFLA_GROUP:
        link.group = number(attribute);
        break;
      case IFLA_LINKINFO:
        link.kind = kind_of_link(attribute);
        break;
      case IFLA_XDP:
        if (std::string program = xdp_program(attribute); !program.empty()) link.programs.push_back(program);
        break;
      default:
        break;
    }
  });
  if (NetworkInterface* known = find(link.index)) {
    *known = std::move(link);
  } else {
    network_.interfaces.push_back(std::move(link));
  }
}

void NetworkBuilder::add_address(Bytes message) {
  const auto header = read_struct<ifaddrmsg>(message);
  const auto family = header ? ip_family(header->ifa_family) : std::nullopt;
  if (!family) return;
  std::optional<IpAddress> own;
  for_attributes<ifaddrmsg>(message, [&](const Attribute& attribute) {
    // With a peer it is the local one that is ours.
    if (attribute.type == IFA_LOCAL || (attribute.type == IFA_ADDRESS && !own))
      own = address(attribute, *family);
  });
  if (own) network_.addresses.push_back({header->ifa_index, *own});
}

void NetworkBuilder::add_route(Bytes message) {
  const auto header = read_struct<rtmsg>(message);
  const auto family = header ? ip_family(header->rtm_family) : std::nullopt;
  if (!family || (header->rtm_flags & RTM_F_CLONED) != 0 || header->rtm_dst_len > width_of(*family)) return;
  const auto type = route_type(header->rtm_type);
  std::string& more = *family == IpFamily::V4 ? network_.policy_routing_v4 : network_.policy_routing_v6;
  if (network_.routes.size() >= kMostRoutes) more = "more routes than are read";
  if (!type) more = "a route of type " + std::to_string(header->rtm_type);
  if (!type || network_.routes.size() >= kMostRoutes) return;
  Route route{.to = {*family, {}}, .length = header->rtm_dst_len, .type = *type};
  std::uint32_t table = header->rtm_table;
  for_attributes<rtmsg>(message, [&](const Attribute& attribute) {
    switch (attribute.type) {
      case RTA_DST:
        route.to = address(attribute, *family).value_or(route.to);
        break;
      case RTA_OIF:
        route.interfaces.push_back(number(attribute));
        break;
      case RTA_PRIORITY:
        route.metric = number(attribute);
        break;
      case RTA_TABLE:
        table = number(attribute);
        break;
      case RTA_MULTIPATH:
        add_next_hops(attribute.payload, route);
        break;
      default:
        break;
    }
  });
  // Other tables are asked only where a rule says so, and that is told by add_rule().
  if (table != RT_TABLE_LOCAL && table != RT_TABLE_MAIN && table != RT_TABLE_DEFAULT) return;
  route.of_local_table = table == RT_TABLE_LOCAL;
  network_.routes.push_back(std::move(route));
}

void NetworkBuilder::add_rule(Bytes message) {
  const auto header = read_struct<fib_rule_hdr>(message);
  const auto family = header ? ip_family(header->family) : std::nullopt;
  if (!family) return;
  std::uint32_t priority = 0;
  std::uint32_t table = header->table;
  bool plain = header->src_len == 0 && header->dst_len == 0 && header->action == FR_ACT_TO_TBL;
  for_attributes<fib_rule_hdr>(message, [&](const Attribute& attribute) {
    switch (attribute.type) {
      case FRA_PRIORITY:
        priority = number(attribute);
        break;
      case FRA_TABLE:
        table = number(attribute);
        break;
      case FRA_FWMARK:
      case FRA_IIFNAME:
      case FRA_OIFNAME:
      case FRA_L3MDEV:
        plain = false;
        break;
      default:
        break;
    }
  });
  const bool usual =
      (table == RT_TABLE_LOCAL && priority == 0) || table == RT_TABLE_MAIN || table == RT_TABLE_DEFAULT;
  if (plain && usual) return;
  std::string& more = *family == IpFamily::V4 ? network_.policy_routing_v4 : network_.policy_routing_v6;
  if (more.empty()) more = "policy routing, rule " + std::to_string(priority);
}

void NetworkBuilder::add_filter(Bytes message) {
  const auto header = read_struct<tcmsg>(message);
  NetworkInterface* interface = header ? find(static_cast<std::uint32_t>(header->tcm_ifindex)) : nullptr;
  if (interface == nullptr) return;
  const std::string name = "tc filters";
  if (std::find(interface->programs.begin(), interface->programs.end(), name) == interface->programs.end())
    interface->programs.push_back(name);
}

// "2\teth0 : 3 V3", then for each group of it a line that begins with the address as a number in memory.
void NetworkBuilder::add_groups_v4(std::string_view text) {
  NetworkInterface* interface = nullptr;
  for (const std::string_view line : split(text, '\n')) {
    const auto words = words_of(line);
    if (words.empty()) continue;
    if (line.front() != '\t' && line.front() != ' ') {
      const auto index = parse_integer<std::uint32_t>(words[0]);
      interface = index ? find(*index) : nullptr;
      continue;
    }
    const auto group = parse_integer<std::uint32_t>(words[0], 16);
    if (interface == nullptr || !group || words[0].size() != 8) continue;
    IpAddress read{IpFamily::V4, {}};
    std::memcpy(read.bytes.data(), &*group, sizeof *group);
    interface->groups.push_back(read);
  }
}

// "2 eth0 ff020000000000000000000000000001 1 0000000C 0"
void NetworkBuilder::add_groups_v6(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    const auto words = words_of(line);
    if (words.size() < 3 || words[2].size() != 32) continue;
    const auto index = parse_integer<std::uint32_t>(words[0]);
    NetworkInterface* interface = index ? find(*index) : nullptr;
    if (interface == nullptr) continue;
    IpAddress read{IpFamily::V6, {}};
    bool good = true;
    for (std::size_t i = 0; i < 16; ++i) {
      const auto byte = parse_integer<std::uint8_t>(words[2].substr(2 * i, 2), 16);
      good = good && byte.has_value();
      read.bytes[i] = byte.value_or(0);
    }
    if (good) interface->groups.push_back(read);
  }
}

}  // namespace sockwatch::firewall
