// SPDX-License-Identifier: Apache-2.0
// The nftables script of suggestion.h.
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "cli/suggestion.h"
#include "lib/base/text.h"
#include "lib/model/properties.h"
#include "lib/policy/glob.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

// What one line is about. Sorted by port, so that a person finds it; of one port the bound addresses come
// before the wildcard, as the kernel looks for a listener.
struct Packets {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  Protocol protocol = Protocol::Tcp;  // on the wire
  bool wildcard = true;
  std::string destination;  // "ip daddr 10.1.2.3 "

  friend auto operator<=>(const Packets&, const Packets&) = default;
};

// One line of the chain: the first that fits a packet decides.
struct Line {
  bool accept = false;
  Packets packets;
  Grant grant;
};

struct Chain {
  std::map<Packets, Grant> refused;                                 // of open listeners
  std::map<Packets, Grant> admitted;                                // of open listeners
  std::vector<Line> by_rule;                                        // in the order of the policy
  std::set<std::string> local;                                      // only this machine reaches them
  std::set<std::string> not_admitted;                               // and why not
  std::set<std::tuple<std::string, Protocol, std::uint16_t>> open;  // by which rule they are expected
  std::set<std::pair<Protocol, std::uint32_t>> on_ipv4;             // ports with a listener at 0.0.0.0
};

// nftables matches ports of these by name.
bool has_ports(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp || protocol == Protocol::Udplite ||
         protocol == Protocol::Sctp || protocol == Protocol::Mptcp;
}

// A raw socket of such a number gets a copy of what sockets with ports are sent: to admit the number would
// admit every port.
bool belongs_to_ports(std::uint32_t number) {
  constexpr std::array kNumbers = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_UDPLITE};
  return std::any_of(kNumbers.begin(), kNumbers.end(),
                     [number](int each) { return static_cast<std::uint32_t>(each) == number; });
}

// On the wire MPTCP is TCP.
Protocol on_wire(Protocol protocol) {
  return protocol == Protocol::Mptcp ? Protocol::Tcp : protocol;
}

bool is_here(const Listener& listener) {
  const std::string& name = listener.annotation.name_space;
  return name.empty() || name == kHostNamespace;
}

std::string_view daddr_word(IpFamily family) {
  return family == IpFamily::V4 ? "ip daddr " : "ip6 daddr ";
}

std::string destination_of(const IpAddress& address) {
  if (address.is_unspecified()) return "";
  return std::string(daddr_word(address.family)) + to_string(address) + " ";
}

std::string owner_text(const Owner& owner) {
  const std::string name = owner_of(owner).name;
  return name.empty() ? std::string(word(owner.state)) : printable(name);
}

// Why no line can speak for it; empty where one can.
std::string obstacle(const Listener& listener) {
  const std::uint32_t port = listener.key.local.port;
  if (listener.key.protocol == Protocol::Raw)
    return belongs_to_ports(port) ? "gets a copy of what other sockets are sent" : "";
  if (!has_ports(listener.key.protocol)) return "has no port to match";
  if (listener.bind() == Bind::Assigned)
    return "has another port each time; answers of a host that it asks come in all the same, those to a "
           "multicast or "
           "broadcast question do not";
  return "";
}

void add_open(const Listener& listener, Chain& chain) {
  if (!has_ip_address(listener.key.protocol)) return;  // no IP packet leads there
  const std::string socket = socket_text(listener) + " of " + owner_text(listener.annotation.owner);
  const std::string reason = decided_by(listener.verdict.rule, listener.verdict.origin);
  const bool expected = listener.verdict.kind == VerdictKind::Expected;
  const std::string why_not = obstacle(listener);
  if (listener.annotation.scope == Scope::Loopback) {
    chain.local.insert(socket);
    return;
  }
  if (!expected) {
    chain.not_admitted.insert(socket + ": " + std::string(word(listener.verdict.kind)) + ", " + reason);
  } else if (!why_not.empty()) {
    chain.not_admitted.insert(socket + ": " + why_not);
  }
  if (!why_not.empty()) return;
  const auto port = static_cast<std::uint16_t>(listener.key.local.port);
  const IpAddress& address = listener.key.local.address;
  const Protocol protocol = on_wire(listener.key.protocol);
  const Packets packets{port, port, protocol, address.is_unspecified(), destination_of(address)};
  Grant& grant = (expected ? chain.admitted : chain.refused)[packets];
  // A listener at 0.0.0.0 gets IPv4 before one at :: that takes both.
  const bool covers_ipv4 = listener.covers_ipv4() && chain.on_ipv4.count({protocol, port}) == 0;
  if (address.family == IpFamily::V4 || covers_ipv4) grant.ipv4 = true;
  if (address.family == IpFamily::V6) grant.ipv6 = true;
  grant.reasons.insert(socket + ": " + reason);
  if (expected) chain.open.insert({listener.verdict.rule, listener.key.protocol, port});
}

struct Destination {
  std::string match;
  bool ipv4 = true;
  bool ipv6 = true;
};

// Where a rule expects, as far as it says so; empty where only an open socket could tell.
std::vector<Destination> destinations_of(const Rule& rule) {
  const auto& scopes = rule.scopes;
  if (rule.any_address() || std::find(scopes.begin(), scopes.end(), Scope::Any) != scopes.end()) return {{}};
  std::vector<Destination> destinations;
  for (const Network& network : rule.networks) {
    const IpFamily family = network.address.family;
    const bool wildcard = network.address.is_unspecified();
    destinations.push_back({wildcard ? "" : std::string(daddr_word(family)) + to_string(network) + " ",
                            family == IpFamily::V4, family == IpFamily::V6});
  }
  return destinations;
}

// Where a rule may mean a listener: its networks, or anywhere.
std::vector<Destination> widest_destinations_of(const Rule& rule) {
  return rule.scopes.empty() ? destinations_of(rule) : std::vector<Destination>{{}};
}

void add_range(const Rule& rule, Protocol protocol, const PortRange& range, Chain& chain) {
  const bool accept = rule.action == Action::Expect;
  // What is open tells its addresses better than the rule does.
  if (accept && range.first == range.last && chain.open.count({rule.name, protocol, range.first}) != 0)
    return;
  for (const Destination& destination : accept ? destinations_of(rule) : widest_destinations_of(rule)) {
    const Packets packets{range.first, range.last, on_wire(protocol), destination.match.empty(),
                          destination.match};
    const Grant grant{destination.ipv4,
                      destination.ipv6,
                      {"by the policy: " + decided_by(rule.name, rule.origin) +
                       (accept ? "" : ", " + std::string(word(rule.action)))}};
    chain.by_rule.push_back({accept, packets, grant});
  }
}

// A protocol without ports is admitted by its number, as VRRP (112) and OSPF (89).
void add_numbers(const Rule& rule, const PortRange& range, Chain& chain) {
  std::uint32_t first = range.first;
  for (std::uint32_t number = first; number <= std::min<std::uint32_t>(range.last, 255) + 1; ++number) {
    if (number <= range.last && number <= 255 && !belongs_to_ports(number)) continue;
    if (first < number)
      add_range(rule, Protocol::Raw,
                {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(number - 1), std::nullopt},
                chain);
    first = number + 1;
  }
}

bool is_here(const Rule& rule) {
  const std::vector<std::string>& namespaces = rule.values_of(kNamespaceKey);
  return namespaces.empty() || std::any_of(namespaces.begin(), namespaces.end(), [](const std::string& glob) {
           return glob_fits(glob, std::string(kHostNamespace));
         });
}

// By a packet nobody knows whose the listener will be.
bool asks_for_owner(const Rule& rule) {
  return !rule.units.empty() || !rule.exes.empty() || !rule.users.empty() || !rule.containers.empty();
}

// Nor anything else that only an open listener shows.
bool asks_for_other_properties(const Rule& rule) {
  return std::any_of(rule.properties.begin(), rule.properties.end(), [](const auto& matcher) {
    const Property* property = matched_property(matcher.first);
    return matcher.first != kNamespaceKey && (property == nullptr || property->only == nullptr);
  });
}

// What is not open now is admitted, too: it would be cut off when it starts.
void add_rule(const Rule& rule, Chain& chain) {
  const bool expects = rule.action == Action::Expect;
  if (!is_here(rule) || (!expects && (asks_for_owner(rule) || asks_for_other_properties(rule)))) return;
  std::vector<Protocol> protocols = rule.protocols;
  if (protocols.empty() && !rule.means(Protocol::Tcp)) return;
  if (protocols.empty()) protocols = {Protocol::Tcp, Protocol::Udp};
  if (rule.protocols.empty() && !expects)
    protocols.insert(protocols.end(), {Protocol::Udplite, Protocol::Sctp});
  std::vector<PortRange> ranges = rule.ports;
  if (!expects && rule.any_port()) ranges = {{0, 65535, std::nullopt}};
  for (const Protocol protocol : protocols) {
    for (const PortRange& range : ranges) {
      if (range.protocol && *range.protocol != protocol) continue;
      if (protocol == Protocol::Raw) add_numbers(rule, range, chain);
      if (has_ports(protocol)) add_range(rule, protocol, range, chain);
    }
  }
}

bool overlap(const Packets& a, const Packets& b) {
  return a.protocol == b.protocol && a.first <= b.last && b.first <= a.last;
}

// In the order in which they decide, without those that would refuse what nothing behind them admits.
std::vector<Line> lines_of(const Chain& chain) {
  std::vector<Line> lines;
  for (const auto& [packets, grant] : chain.admitted) lines.push_back({true, packets, grant});
  for (const auto& [packets, grant] : chain.refused) lines.push_back({false, packets, grant});
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return a.packets != b.packets ? a.packets < b.packets : a.accept < b.accept;
  });
  lines.insert(lines.end(), chain.by_rule.begin(), chain.by_rule.end());
  std::vector<Line> needed;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    const bool matters = line->accept || std::any_of(line + 1, lines.end(), [&](const Line& later) {
                           return later.accept && overlap(line->packets, later.packets);
                         });
    if (matters) needed.push_back(*line);
  }
  return needed;
}

std::string line_text(const Line& line) {
  const auto& [accept, packets, grant] = line;
  std::string text;
  for (const std::string& reason : grant.reasons) text += "    # " + reason + "\n";
  text += "    " + packets.destination;
  if (packets.destination.empty() && grant.ipv4 != grant.ipv6)
    text += grant.ipv4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
  text +=
      packets.protocol == Protocol::Raw ? "meta l4proto " : std::string(word(packets.protocol)) + " dport ";
  text += std::to_string(packets.first);
  if (packets.first != packets.last) text += "-" + std::to_string(packets.last);
  return text + (accept ? " accept\n" : " drop\n");
}

constexpr std::string_view kHead = R"(#!/usr/sbin/nft -f
# An input chain that admits what the policy expects, at the addresses it is bound to, and nothing else. It stands
# beside other tables: what any of them drops is dropped. Read it, and try it with a way back:
#   nft -c -f FILE && nft -f FILE && sleep 60 && nft delete table inet sockwatch
table inet sockwatch
delete table inet sockwatch
table inet sockwatch {
  chain input {
    type filter hook input priority filter; policy drop;
    # Answers to what this machine began. Those to a multicast or broadcast question come from other addresses than
    # it went to, and are not known as answers.
    ct state established,related accept
    # Errors, path MTU, neighbour discovery, ping (ICMP is 1, ICMPv6 58), and who is in which multicast group (IGMP is
    # 2, MLD is ICMPv6). Other protocols without ports are named where a raw socket of theirs is expected; tunnels and
    # IPsec, which the kernel takes without a socket, are not.
    meta l4proto { 1, 2, 58 } accept
    # This machine itself.
)";

}  // namespace

std::string suggest_input_chain(std::span<const Listener> listeners, const Policy& policy) {
  Chain chain;
  for (const Listener& listener : listeners) {
    const Endpoint& local = listener.key.local;
    if (is_here(listener) && local.address.family == IpFamily::V4 && local.address.is_unspecified())
      chain.on_ipv4.insert({on_wire(listener.key.protocol), local.port});
  }
  for (const Listener& listener : listeners) {
    if (is_here(listener)) add_open(listener, chain);
  }
  for (const Rule& rule : policy.rules) add_rule(rule, chain);
  std::string text(kHead);
  for (const std::string& local : chain.local) text += "    #   " + local + "\n";
  text += "    iif \"lo\" accept\n";
  for (const Line& line : lines_of(chain)) text += line_text(line);
  for (const std::string& why_not : chain.not_admitted) text += "    # NOT admitted: " + why_not + "\n";
  return text + "  }\n}\n";
}

}  // namespace sockwatch
