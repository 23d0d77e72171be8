// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/builtin.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <initializer_list>

namespace sockwatch {
namespace {

Rule named(std::string_view name, Action action, Protocol protocol, std::string_view reason) {
  Rule rule;
  rule.name = name;
  rule.action = action;
  rule.protocols = {protocol};
  rule.reason = reason;
  rule.origin = "built-in";
  return rule;
}

// Ascending.
std::vector<PortRange> ethertypes_but(std::initializer_list<std::uint16_t> taken) {
  std::vector<PortRange> ranges;
  std::uint16_t first = 0;
  for (const std::uint16_t ethertype : taken) {
    ranges.push_back({first, static_cast<std::uint16_t>(ethertype - 1), Protocol::Packet});
    first = static_cast<std::uint16_t>(ethertype + 1);
  }
  ranges.push_back({first, 0xffff, Protocol::Packet});
  return ranges;
}

Rule rule_of_own(const ListenAddress& metrics) {
  Rule own = own_pages();
  own.ports = {{metrics.port, metrics.port, std::nullopt}};
  if (!metrics.host.empty()) return own;  // what the name stood for when the server started is not known here
  own.networks = {network_of(metrics.address)};
  // :: means every address; where the machine has no IPv6 that is 0.0.0.0.
  const bool everywhere = metrics.address.family == IpFamily::V6 && metrics.is_everywhere();
  if (everywhere) own.networks.push_back(network_of(IpAddress{}));
  return own;
}

}  // namespace

Rule own_pages() {
  Rule own = named(kMetricsRule, Action::Expect, Protocol::Tcp, "sockwatch's own metrics and API");
  own.properties[kNamespaceKey] = {std::string(kHostNamespace)};
  return own;
}

std::vector<Rule> built_in_rules(const std::vector<ListenAddress>& metrics) {
  std::vector<Rule> rules;
  for (const ListenAddress& address : metrics) rules.push_back(rule_of_own(address));

  Rule clients = named(kClientSocketsRule, Action::Ignore, Protocol::Udp,
                       "the kernel chose the port: a client's socket that waits for answers, not a service");
  clients.protocols.push_back(Protocol::Udplite);
  clients.assigned_ports = true;

  Rule helpers = named(kHelperPortsRule, Action::Expect, Protocol::Tcp,
                       "the kernel chose the port, and only this machine reaches it: a program's helper");
  helpers.assigned_ports = true;
  helpers.scopes = {Scope::Loopback};

  const Rule unix_sockets = named(kUnixRule, Action::Ignore, Protocol::Unix,
                                  "only this machine reaches it, and every machine has hundreds");

  // One that takes all of IP, or everything, hears what no firewall has let through: that is a sniffer's way,
  // and a backdoor's that waits for a packet of its own.
  Rule packet = named(kPacketRule, Action::Ignore, Protocol::Packet,
                      "takes one kind of frame, and only what is meant for this machine");
  packet.properties["promiscuous"] = {"false"};
  packet.ports = ethertypes_but({ETH_P_ALL, ETH_P_IP, ETH_P_IPV6});

  // Who configures the network is heard before there is an address. The unit is the kernel's word; a program
  // alone is a claim, hence the user.
  Rule configures = named(kNetworkRule, Action::Ignore, Protocol::Packet,
                          "configures the network: reads before there is an address");
  configures.units = {"systemd-networkd.service", "NetworkManager.service",  "networking.service",
                      "ifup@*.service",           "dhcpcd*.service",         "dhclient*.service",
                      "wpa_supplicant*.service",  "hostapd*.service",        "iwd.service",
                      "connman.service",          "lldpd.service",           "lldpad.service",
                      "isc-dhcp-server*.service", "kea-dhcp4-server.service"};
  Rule by_hand = configures;
  by_hand.units.clear();
  by_hand.users = {"root"};
  by_hand.exes = {"/usr/sbin/dhclient", "/sbin/dhclient", "/usr/sbin/dhcpcd", "/sbin/dhcpcd",
                  "/usr/sbin/udhcpc",   "/sbin/udhcpc",   "/usr/bin/busybox", "/bin/busybox"};

  // A raw socket of TCP's or UDP's number gets a copy of all that comes in: that is a sniffer, too.
  Rule raw =
      named(kRawRule, Action::Ignore, Protocol::Raw, "takes one IP protocol, as ping and routing daemons do");
  raw.ports = {{0, IPPROTO_TCP - 1, std::nullopt},
               {IPPROTO_TCP + 1, IPPROTO_UDP - 1, std::nullopt},
               {IPPROTO_UDP + 1, 255, std::nullopt}};

  rules.insert(rules.end(), {clients, helpers, unix_sockets, packet, configures, by_hand, raw});
  return rules;
}

void expect_only(std::span<const OwnSocket> own, std::vector<Rule>& built_in) {
  std::erase_if(built_in, [](const Rule& rule) { return rule.name == kMetricsRule; });
  Rule rule = own_pages();
  rule.sockets.emplace(own.begin(), own.end());
  built_in.insert(built_in.begin(), std::move(rule));
}

}  // namespace sockwatch
