// SPDX-License-Identifier: Apache-2.0
// The nftables script of suggestion.h.
#include <algorithm>
#include <compare>
#include <map>
#include <tuple>

#include "cli/suggestion.h"
#include "lib/base/text.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

// What one line admits. Sorted by port, so that a person finds it.
struct Admission {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  Protocol protocol = Protocol::Tcp;
  std::string destination;  // "ip daddr 10.1.2.3 "; empty for the wildcard

  friend auto operator<=>(const Admission&, const Admission&) = default;
};

struct Chain {
  std::map<Admission, Grant> admitted;
  std::set<std::string> local;                                      // only this machine reaches them
  std::set<std::string> not_admitted;                               // and why not
  std::set<std::tuple<std::string, Protocol, std::uint16_t>> open;  // by which rule they are expected
};

// nftables matches ports of these by name.
bool has_ports(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp || protocol == Protocol::Udplite ||
         protocol == Protocol::Sctp || protocol == Protocol::Mptcp;
}

// On the wire MPTCP is TCP.
std::string_view wire_word(Protocol protocol) {
  return word(protocol == Protocol::Mptcp ? Protocol::Tcp : protocol);
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

void add_open(const Listener& listener, Chain& chain) {
  if (!has_ip_address(listener.key.protocol)) return;  // no IP packet leads there
  const std::string socket = socket_text(listener) + " of " + owner_text(listener.annotation.owner);
  const std::string reason = decided_by(listener.verdict.rule, listener.verdict.origin);
  const bool expected =
      listener.verdict.kind == VerdictKind::Expected || listener.verdict.kind == VerdictKind::Ignored;
  if (listener.annotation.scope == Scope::Loopback) {
    chain.local.insert(socket);
  } else if (!expected) {
    chain.not_admitted.insert(socket + ": " + std::string(word(listener.verdict.kind)) + ", " + reason);
  } else if (!has_ports(listener.key.protocol)) {
    chain.not_admitted.insert(socket + ": has no port to match");
  } else if (listener.bind() == Bind::Assigned) {
    chain.not_admitted.insert(socket + ": has another port each time; answers to it come in all the same");
  } else {
    const auto port = static_cast<std::uint16_t>(listener.key.local.port);
    const IpAddress& address = listener.key.local.address;
    Grant& grant = chain.admitted[{port, port, listener.key.protocol, destination_of(address)}];
    if (address.family == IpFamily::V4 || listener.covers_ipv4()) grant.ipv4 = true;
    if (address.family == IpFamily::V6) grant.ipv6 = true;
    grant.reasons.insert(socket + ": " + reason);
    chain.open.insert({listener.verdict.rule, listener.key.protocol, port});
  }
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

void add_range(const Rule& rule, Protocol protocol, const PortRange& range, Chain& chain) {
  // What is open tells its addresses better than the rule does.
  if (range.first == range.last && chain.open.count({rule.name, protocol, range.first}) != 0) return;
  for (const Destination& destination : destinations_of(rule)) {
    Grant& grant = chain.admitted[{range.first, range.last, protocol, destination.match}];
    grant.ipv4 = grant.ipv4 || destination.ipv4;
    grant.ipv6 = grant.ipv6 || destination.ipv6;
    grant.reasons.insert("by the policy: " + decided_by(rule.name, rule.origin));
  }
}

// What is not open now is admitted, too: it would be cut off when it starts.
void add_rule(const Rule& rule, Chain& chain) {
  std::vector<Protocol> protocols = rule.protocols;
  if (protocols.empty()) protocols = {Protocol::Tcp, Protocol::Udp};
  for (const Protocol protocol : protocols) {
    if (!has_ports(protocol)) continue;
    for (const PortRange& range : rule.ports) {
      if (!range.protocol || *range.protocol == protocol) add_range(rule, protocol, range, chain);
    }
  }
}

std::string admission_text(const Admission& admission, const Grant& grant) {
  std::string text;
  for (const std::string& reason : grant.reasons) text += "    # " + reason + "\n";
  text += "    " + admission.destination;
  if (admission.destination.empty() && grant.ipv4 != grant.ipv6)
    text += grant.ipv4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
  text += std::string(wire_word(admission.protocol)) + " dport " + std::to_string(admission.first);
  if (admission.first != admission.last) text += "-" + std::to_string(admission.last);
  return text + " accept\n";
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
    # Answers to what this machine began.
    ct state established,related accept
    # Errors, path MTU, neighbour discovery, ping.
    meta l4proto { icmp, ipv6-icmp } accept
    # This machine itself.
)";

}  // namespace

std::string suggest_input_chain(std::span<const Listener> listeners, const Policy& policy) {
  Chain chain;
  for (const Listener& listener : listeners) add_open(listener, chain);
  for (const Rule& rule : policy.rules) {
    if (rule.action == Action::Expect) add_rule(rule, chain);
  }
  std::string text(kHead);
  for (const std::string& local : chain.local) text += "    #   " + local + "\n";
  text += "    iif \"lo\" accept\n";
  for (const auto& [admission, grant] : chain.admitted) text += admission_text(admission, grant);
  for (const std::string& why_not : chain.not_admitted) text += "    # NOT admitted: " + why_not + "\n";
  return text + "  }\n}\n";
}

}  // namespace sockwatch
