// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/fit.h"

#include <fnmatch.h>

#include <algorithm>

#include "lib/model/place.h"

namespace sockwatch {
namespace {

template <typename Values, typename Value>
bool holds(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool matches_any(const std::vector<std::string>& globs, const std::string& text) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return ::fnmatch(glob.c_str(), text.c_str(), 0) == 0; });
}

bool fits_port(const Rule& rule, const Listener& listener) {
  if (rule.any_port()) return true;
  if (listener.bind() == Bind::Assigned) return rule.assigned_ports;
  if (listener.key.protocol == Protocol::Packet) return false;  // what is in its place is an ethertype
  const std::uint32_t port = listener.key.local.port;
  return std::any_of(rule.ports.begin(), rule.ports.end(), [&](const PortRange& range) {
    return range.first <= port && port <= range.last &&
           (!range.protocol || *range.protocol == listener.key.protocol);
  });
}

bool fits_address(const Rule& rule, const Listener& listener) {
  if (rule.any_address()) return true;
  if (!has_scope(listener.key.protocol)) return false;
  if (holds(rule.scopes, listener.annotation.scope)) return true;
  if (!has_ip_address(listener.key.protocol)) return false;
  return std::any_of(rule.networks.begin(), rule.networks.end(), [&](const Network& network) {
    // Such a listener sits on 0.0.0.0 too, though the kernel shows no record of it.
    return network.contains(listener.key.local.address) ||
           (listener.covers_ipv4() && network.contains(IpAddress{}));
  });
}

// What UNIX and packet sockets have in the place of addresses.
bool fits_own_place(const Rule& rule, const Listener& listener) {
  const ListenerKey& key = listener.key;
  const bool is_unix = key.protocol == Protocol::Unix;
  const bool is_packet = key.protocol == Protocol::Packet;
  if (!rule.paths.empty() && !(is_unix && matches_any(rule.paths, unix_path(key.local)))) return false;
  if (!rule.interfaces.empty() && !(is_packet && matches_any(rule.interfaces, interface_text(key.local))))
    return false;
  return !rule.promiscuous || (is_packet && *rule.promiscuous == key.promiscuous);
}

// The creator's cgroup names unit and container, often before any process is found.
Fit fits_creator(const std::vector<std::string>& globs, const std::string& name, const Owner& owner) {
  if (globs.empty()) return Fit::Yes;
  if (!name.empty()) return matches_any(globs, name) ? Fit::Yes : Fit::No;
  return is_found(owner) || !owner.cgroup.empty() ? Fit::No : Fit::Undecided;
}

Fit fits_exe(const std::vector<std::string>& globs, const Owner& owner) {
  if (globs.empty()) return Fit::Yes;
  const bool held = std::any_of(owner.holders.begin(), owner.holders.end(), [&](const Holder& holder) {
    return !holder.exe.empty() && matches_any(globs, holder.exe);
  });
  if (held) return Fit::Yes;
  return is_found(owner) ? Fit::No : Fit::Undecided;
}

// Decided, as the kernel tells the creator's uid with nearly every listener.
Fit fits_user(const std::vector<std::string>& globs, const Listener& listener) {
  if (globs.empty()) return Fit::Yes;
  const std::string& user = listener.annotation.owner.user;
  if (user.empty() && !listener.members.front().uid_told) return Fit::No;
  const bool match = matches_any(globs, user.empty() ? std::to_string(listener.members.front().uid) : user);
  return match ? Fit::Yes : Fit::No;
}

}  // namespace

bool Rule::means(Protocol protocol) const {
  if (!protocols.empty()) return holds(protocols, protocol);
  if (!paths.empty()) return protocol == Protocol::Unix;
  if (!interfaces.empty() || promiscuous) return protocol == Protocol::Packet;
  return has_port(protocol);
}

Fit fit(const Rule& rule, const Listener& listener) {
  // What speaks MPTCP serves TCP's clients, too.
  if (!rule.means(listener.key.protocol) && !rule.means(listener.protocol())) return Fit::No;
  if (!fits_own_place(rule, listener)) return Fit::No;
  if (!fits_port(rule, listener) || !fits_address(rule, listener)) return Fit::No;
  if (!rule.namespaces.empty() && !matches_any(rule.namespaces, listener.annotation.name_space))
    return Fit::No;

  const Owner& owner = listener.annotation.owner;
  bool undecided = false;
  for (const Fit part : {fits_user(rule.users, listener), fits_creator(rule.units, owner.unit, owner),
                         fits_creator(rule.containers, owner.container, owner), fits_exe(rule.exes, owner)}) {
    if (part == Fit::No) return Fit::No;
    undecided = undecided || part == Fit::Undecided;
  }
  return undecided ? Fit::Undecided : Fit::Yes;
}

}  // namespace sockwatch
