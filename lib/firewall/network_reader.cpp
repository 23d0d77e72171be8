// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/network_reader.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "lib/base/dir.h"
#include "lib/base/text.h"
#include "lib/firewall/netlink_dump.h"
#include "lib/firewall/network_builder.h"

namespace sockwatch::firewall {
namespace {

constexpr int kMostAttempts = 5;
constexpr std::size_t kMostText = 1 << 20;

template <typename Header>
NetlinkDump::Fill request(std::uint16_t type, const Header& header) {
  return [type, header](nlmsghdr& message) {
    message.nlmsg_type = type;
    message.nlmsg_flags = NLM_F_DUMP;
    *static_cast<Header*>(mnl_nlmsg_put_extra_header(&message, sizeof header)) = header;
  };
}

Result<void> read_tables(NetlinkDump& netlink, NetworkBuilder& builder) {
  using Add = void (NetworkBuilder::*)(Bytes);
  const auto dump = [&](const NetlinkDump::Fill& fill, Add add) {
    return netlink.ask(
        fill, [&builder, add](const nlmsghdr& message) { (builder.*add)(NetlinkDump::payload_of(message)); });
  };
  if (auto read = dump(request(RTM_GETLINK, ifinfomsg{}), &NetworkBuilder::add_link); !read.ok()) return read;
  if (auto read = dump(request(RTM_GETADDR, ifaddrmsg{}), &NetworkBuilder::add_address); !read.ok())
    return read;
  for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
    rtmsg route{};
    route.rtm_family = family;
    fib_rule_hdr rule{};
    rule.family = family;
    const auto routes = dump(request(RTM_GETROUTE, route), &NetworkBuilder::add_route);
    // A kernel without IPv6 has none.
    if (!routes.ok() && routes.error().code == EINTR) return routes;
    const auto rules = dump(request(RTM_GETRULE, rule), &NetworkBuilder::add_rule);
    if (!rules.ok() && rules.error().code == EINTR) return rules;
  }
  const std::vector<NetworkInterface> interfaces = builder.network().interfaces;
  for (const NetworkInterface& each : interfaces) {
    for (const std::uint32_t parent :
         {TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), TC_H_MAKE(TC_H_INGRESS, 0U)}) {
      tcmsg header{};
      header.tcm_ifindex = static_cast<int>(each.index);
      header.tcm_parent = parent;
      // Fails where there is no such thing.
      (void)dump(request(RTM_GETTFILTER, header), &NetworkBuilder::add_filter);
    }
  }
  return {};
}

class Sysctls {
 public:
  explicit Sysctls(const Dir& proc) : proc_(proc) {}

  std::uint8_t number(const std::string& name) const {
    const auto content = proc_.read_file(("sys/net/" + name).c_str(), kMostText);
    return content.ok() ? parse_integer<std::uint8_t>(trim(*content)).value_or(0) : std::uint8_t{0};
  }
  void read(NetworkInterface& interface) const {
    const auto both = [&](const char* name) {
      return std::pair(number(std::string("ipv4/conf/all/") + name),
                       number("ipv4/conf/" + interface.name + "/" + name));
    };
    // Which of "all" and the interface's own counts is each sysctl's own matter (include/linux/inetdevice.h).
    const auto [all_filter, own_filter] = both("rp_filter");
    interface.reverse_path_filter = std::max(all_filter, own_filter);
    const auto [all_local, own_local] = both("accept_local");
    interface.accepts_local = all_local != 0 || own_local != 0;
    const auto [all_loopback, own_loopback] = both("route_localnet");
    interface.routes_loopback = all_loopback != 0 || own_loopback != 0;
    interface.forwards_v4 = number("ipv4/conf/" + interface.name + "/forwarding") != 0;
    interface.forwards_v6 = number("ipv6/conf/all/forwarding") != 0 ||
                            number("ipv6/conf/" + interface.name + "/force_forwarding") != 0;
  }

 private:
  const Dir& proc_;
};

}  // namespace

Result<Network> read_network(const std::string& proc) {
  const auto folder = Dir::open(proc);
  if (!folder.ok()) return folder.error();
  auto netlink = NetlinkDump::open(NETLINK_ROUTE);
  if (!netlink.ok()) return netlink.error().within("rtnetlink");
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    NetworkBuilder builder;
    const auto read = read_tables(*netlink, builder);
    if (!read.ok() && read.error().code == EINTR) continue;
    if (!read.ok()) return read.error().within("rtnetlink");
    if (const auto text = folder->read_file("thread-self/net/igmp", kMostText); text.ok())
      builder.add_groups_v4(*text);
    if (const auto text = folder->read_file("thread-self/net/igmp6", kMostText); text.ok())
      builder.add_groups_v6(*text);
    const Sysctls sysctls(*folder);
    for (NetworkInterface& each : builder.network().interfaces) sysctls.read(each);
    builder.network().prepare();
    return std::move(builder.network());
  }
  return Error{"the network's configuration changed each time it was read"};
}

}  // namespace sockwatch::firewall
