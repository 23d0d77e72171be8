// SPDX-License-Identifier: Apache-2.0
// Rulesets and networks from a few words.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lib/reach/network.h"
#include "lib/reach/ruleset.h"

namespace sockwatch::firewall {

inline IpAddress ip(const std::string& text) {
  return parse_ip_address(text).value();
}

// "10.0.0.0/8", "10.0.0.1"
inline AddressSet addresses(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return AddressSet::of(ip(text));
  return AddressSet::prefix(ip(text.substr(0, slash)),
                            static_cast<unsigned>(std::stoul(text.substr(slash + 1))));
}

inline const Verdict kAccept{Verdict::Kind::Accept};
inline const Verdict kDrop{Verdict::Kind::Drop};
inline const Verdict kReturn{Verdict::Kind::Return};
inline Verdict jump(const std::string& chain) {
  return {Verdict::Kind::Jump, chain};
}
inline Verdict go_to(const std::string& chain) {
  return {Verdict::Kind::Goto, chain};
}

using Expressions = std::vector<Expression>;

inline Expressions operator+(Expressions a, const Expressions& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline Expressions operator+(Expressions a, const Expression& b) {
  a.push_back(b);
  return a;
}

inline Constant bytes_of(std::uint16_t port) {
  return {static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port)};
}

inline Expressions port_is(std::uint16_t port) {
  return {LoadHeader{Header::Transport, 2, 2, 0}, Compare{0, Comparison::Equal, bytes_of(port)}};
}

// IPv4, whole bytes of a prefix: "10.0.0.0", 1
inline Expressions source_begins(const std::string& address, std::uint8_t bytes) {
  const IpAddress parsed = ip(address);
  return {LoadHeader{Header::Network, 12, bytes, 0},
          Compare{0, Comparison::Equal, Constant(parsed.bytes.begin(), parsed.bytes.begin() + bytes)}};
}

inline Expressions state_is_new() {
  return {LoadFlow{.field = FlowField::State, .to = 0}, Compare{0, Comparison::Equal, {8, 0, 0, 0}}};
}

inline Expressions to_address(const std::string& address, std::uint16_t port) {
  const IpAddress parsed = ip(address);
  const auto significant = parsed.significant();
  return {Immediate{Constant(significant.begin(), significant.end()), 0}, Immediate{bytes_of(port), 16},
          NewDestination{.family = parsed.family,
                         .has_address = true,
                         .has_port = port != 0,
                         .address = 0,
                         .last_address = 0,
                         .port = 16,
                         .last_port = 16}};
}

inline Chain base_chain(Hook hook, std::int32_t priority, bool drops, std::vector<Expressions> rules,
                        const std::string& name = "base") {
  Chain chain{.family = TableFamily::Inet, .table = "t", .name = name};
  chain.base = BaseChain{.hook = hook, .priority = priority, .drops = drops};
  std::uint64_t handle = 0;
  for (Expressions& rule : rules) chain.rules.push_back({++handle, std::move(rule)});
  return chain;
}

inline Chain nat_chain(std::vector<Expressions> rules, std::int32_t priority = -100,
                       const std::string& name = "nat") {
  Chain chain = base_chain(Hook::Prerouting, priority, false, std::move(rules), name);
  chain.base->is_nat = true;
  return chain;
}

inline Chain plain_chain(const std::string& name, std::vector<Expressions> rules) {
  Chain chain = base_chain(Hook::Input, 0, false, std::move(rules), name);
  chain.base.reset();
  return chain;
}

inline Ruleset ruleset(std::vector<Chain> chains, std::vector<NamedSet> sets = {}) {
  Ruleset rules{.chains = std::move(chains), .sets = std::move(sets)};
  rules.link();
  return rules;
}

// eth0 198.51.100.1/24 with the default route, docker0 172.17.0.1/16, and lo; forwarding is on.
inline Network network() {
  Network network;
  network.interfaces = {{.index = 1, .name = "lo", .loopback = true},
                        {.index = 2, .name = "eth0", .forwards_v4 = true, .forwards_v6 = true},
                        {.index = 3, .name = "docker0", .kind = "bridge", .forwards_v4 = true}};
  const auto add = [&network](const std::string& to, std::uint8_t length, std::uint32_t interface,
                              RouteType type, bool local) {
    network.routes.push_back(
        {.to = ip(to), .length = length, .type = type, .of_local_table = local, .interfaces = {interface}});
  };
  for (const auto& [interface, own] : {std::pair(2U, "198.51.100.1"), std::pair(3U, "172.17.0.1")}) {
    network.addresses.push_back({interface, ip(own)});
    add(own, 32, interface, RouteType::Local, true);
  }
  add("127.0.0.0", 8, 1, RouteType::Local, true);
  add("127.0.0.1", 32, 1, RouteType::Local, true);
  add("198.51.100.255", 32, 2, RouteType::Broadcast, true);
  add("198.51.100.0", 24, 2, RouteType::Unicast, false);
  add("172.17.0.0", 16, 3, RouteType::Unicast, false);
  network.routes.push_back({.to = {IpFamily::V4, {}}, .length = 0, .interfaces = {2}});
  network.addresses.push_back({2, ip("2001:db8::1")});
  add("2001:db8::1", 128, 2, RouteType::Local, true);
  add("2001:db8::", 64, 2, RouteType::Unicast, false);
  network.prepare();
  return network;
}

}  // namespace sockwatch::firewall
