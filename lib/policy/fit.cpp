// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/fit.h"

#include <algorithm>

#include "lib/base/text.h"
#include "lib/model/properties.h"
#include "lib/policy/glob.h"

namespace sockwatch {
namespace {

template <typename Values, typename Value>
bool holds(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool matches_any(const std::vector<std::string>& globs, const std::string& raw) {
  // A rule's text is UTF-8, so what is not is taken by how it is shown, "\xff".
  const std::string text = is_utf8(raw) ? raw : printable(raw);
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_fits(glob, text); });
}

bool fits_port(const Rule& rule, Protocol protocol, std::uint32_t port, Bind bind) {
  if (rule.any_port()) return true;
  if (bind == Bind::Assigned) return rule.assigned_ports;
  const bool is_packet = protocol == Protocol::Packet;  // what is in its place is an ethertype
  return std::any_of(rule.ports.begin(), rule.ports.end(), [&](const PortRange& range) {
    const bool means = range.protocol ? *range.protocol == protocol : !is_packet;
    return means && range.first <= port && port <= range.last;
  });
}

bool fits_address(const Rule& rule, const Listener& listener) {
  if (rule.any_address()) return true;
  if (!has_scope(listener.key.protocol)) return false;
  if (holds(rule.scopes, listener.annotation.scope)) return true;
  if (!has_ip_address(listener.key.protocol)) return false;
  // What a transparent socket is given was sent to any address, so it sits on all of them.
  const bool transparent = listener.transparent().value_or(false);
  const IpFamily family = listener.key.local.address.family;
  const IpAddress address = transparent ? IpAddress{family, {}} : listener.key.local.address;
  return std::any_of(rule.networks.begin(), rule.networks.end(), [&](const Network& network) {
    // Such a listener sits on 0.0.0.0 too, though the kernel shows no record of it.
    return network.contains(address) || (listener.covers_ipv4() && network.contains(IpAddress{}));
  });
}

bool fits_property(const Property& property, const std::vector<std::string>& values,
                   const KnownSocket& socket) {
  if (property.only != nullptr && !property.only(socket.record.protocol)) return false;
  const std::optional<Value> value = property.get(socket);
  return matches_any(values, value ? text_of(*value) : std::string());
}

// Of those that one family has, a record alone says enough; of the others a listener does.
bool fits_properties(const Rule& rule, const KnownSocket& socket) {
  return std::all_of(rule.properties.begin(), rule.properties.end(), [&socket](const auto& matcher) {
    const Property* property = matched_property(matcher.first);
    if (property == nullptr) return false;
    const bool decided_later = socket.listener == nullptr && property->only == nullptr;
    return decided_later || fits_property(*property, matcher.second, socket);
  });
}

// The creator's cgroup names unit and container, often before any process is found.
Fit fits_creator(const std::vector<std::string>& globs, const std::string& name, const Owner& owner) {
  if (globs.empty()) return Fit::Yes;
  if (!name.empty()) return matches_any(globs, name) ? Fit::Yes : Fit::No;
  return is_found(owner) || !owner.cgroup.empty() ? Fit::No : Fit::Undecided;
}

// systemd, the system's or a user's: it holds the sockets of socket units for those who serve them.
bool is_service_manager(const Holder& holder) {
  return holder.id.pid == 1 || holder.exe.ends_with("/lib/systemd/systemd");
}

// Those who count: with others there, the service manager does not.
std::vector<const Holder*> servers(const Owner& owner) {
  std::vector<const Holder*> all;
  std::vector<const Holder*> others;
  for (const Holder& holder : owner.holders) {
    all.push_back(&holder);
    if (!is_service_manager(holder)) others.push_back(&holder);
  }
  return others.empty() ? all : others;
}

// An event may tell no more of the path than its end.
bool matches_program(const std::vector<std::string>& globs, const std::string& exe) {
  if (exe.find('/') != std::string::npos || matches_any(globs, exe)) return matches_any(globs, exe);
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return glob_fits(glob.substr(glob.rfind('/') + 1), exe);
  });
}

// Every process that holds the socket, or whoever keeps it in a child and then becomes another program
// borrows that one's name. Of so many different ones that not all are known nothing fits. Who opened it and
// holds it still was that program then, too; who has handed it over does not count.
Fit fits_exe(const std::vector<std::string>& globs, const Owner& owner) {
  if (globs.empty()) return Fit::Yes;
  if (owner.left_out.unlike) return Fit::No;
  bool unread = false;
  const std::vector<const Holder*> holders = servers(owner);
  for (const Holder* holder : holders) {
    if (holder->exe.empty()) {
      unread = true;
    } else if (!matches_any(globs, holder->exe)) {
      return Fit::No;
    }
    const auto& opener = owner.opener;
    if (opener && opener->id == holder->id && !opener->exe.empty() && !matches_program(globs, opener->exe))
      return Fit::No;
  }
  if (!holders.empty() && !unread) return Fit::Yes;
  return is_found(owner) ? Fit::No : Fit::Undecided;
}

std::string name_or_number(const std::string& name, std::uint32_t uid) {
  return name.empty() ? std::to_string(uid) : name;
}

// Until a holder is found, what the kernel tells of the creator has to do.
Fit fits_lone_creator(const std::vector<std::string>& globs, const Listener& listener) {
  const std::string& user = listener.annotation.owner.user;
  const SocketRecord& record = listener.members.front();
  if (user.empty() && !record.uid_told) return Fit::No;
  return matches_any(globs, name_or_number(user, record.uid)) ? Fit::Yes : Fit::No;
}

// The creator's uid and every holder's. Root alone may have made it for another, or have become another
// since: to give privileges up is no borrowing.
Fit fits_user(const std::vector<std::string>& globs, const Listener& listener) {
  if (globs.empty()) return Fit::Yes;
  const Owner& owner = listener.annotation.owner;
  const auto& creator = owner.creator_uid;
  const bool by_root = creator == 0U;
  const bool by_them = !creator || matches_any(globs, name_or_number(owner.creator_user, *creator));
  if (!by_them && !by_root) return Fit::No;
  if (by_them && by_root) return Fit::Yes;
  if (owner.left_out.unlike) return Fit::No;
  const std::vector<const Holder*> holders = servers(owner);
  if (holders.empty() && by_them) return fits_lone_creator(globs, listener);
  bool held = false;
  for (const Holder* holder : holders) {
    const bool first = holder == &owner.holders.front();
    const bool theirs = matches_any(
        globs, name_or_number(holder->user.empty() && first ? owner.user : holder->user, holder->uid));
    held = held || theirs;
    if (!theirs && !(by_root && holder->uid == 0)) return Fit::No;
  }
  // Root may be about to become them.
  return held ? Fit::Yes : Fit::Undecided;
}

bool fits_sockets(const Rule& rule, const Listener& listener) {
  if (!rule.sockets) return true;
  return std::all_of(listener.members.begin(), listener.members.end(), [&](const SocketRecord& member) {
    return std::any_of(rule.sockets->begin(), rule.sockets->end(), [&](const OwnSocket& own) {
      const bool same_file = own.inode == 0 || own.inode == member.inode;
      return same_file &&
             (own.cookie == member.id.cookie || (own.inode != 0 && own.inode == member.id.cookie));
    });
  });
}

}  // namespace

bool Rule::means(Protocol protocol) const {
  if (!protocols.empty()) return holds(protocols, protocol);
  for (const auto& matcher : properties) {
    const Property* property = matched_property(matcher.first);
    if (property != nullptr && property->only != nullptr) return property->only(protocol);
  }
  return has_port(protocol);
}

const std::vector<std::string>& Rule::values_of(std::string_view property) const {
  static const std::vector<std::string> kAny;
  const auto found = properties.find(property);
  return found == properties.end() ? kAny : found->second;
}

bool Rule::asks_for_more_than_the_endpoint() const {
  return std::any_of(properties.begin(), properties.end(), [](const auto& matcher) {
    const Property* property = matched_property(matcher.first);
    return property == nullptr || property->only == nullptr;
  });
}

bool Rule::reserves(Protocol protocol, std::uint32_t port) const {
  if (action != Action::Expect || !means(protocol)) return false;
  return std::any_of(ports.begin(), ports.end(), [&](const PortRange& range) {
    return range.first == range.last && range.first == port &&
           (!range.protocol || *range.protocol == protocol);
  });
}

bool fits_kind(const Rule& rule, const SocketRecord& record) {
  const Annotation nothing_yet;
  return rule.means(record.protocol) && fits_properties(rule, {record, nothing_yet}) &&
         fits_port(rule, record.protocol, record.local.port, record.bind);
}

Fit fit(const Rule& rule, const Listener& listener) {
  // What speaks MPTCP serves TCP's clients, too.
  const ListenerKey& key = listener.key;
  if (!rule.means(key.protocol) && !rule.means(listener.protocol())) return Fit::No;
  if (!fits_properties(rule, known(listener)) || !fits_sockets(rule, listener)) return Fit::No;
  if (!fits_port(rule, key.protocol, key.local.port, listener.bind()) || !fits_address(rule, listener))
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
