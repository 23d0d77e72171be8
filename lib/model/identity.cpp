// SPDX-License-Identifier: Apache-2.0
#include "lib/model/identity.h"

#include "lib/model/lasting_name.h"
#include "lib/model/owner_identity.h"
#include "lib/model/place.h"

namespace sockwatch {

namespace {

// A unit or a container says which service it is, wherever it runs; of a mere program the namespace is part.
bool has_lasting_owner(const OwnerIdentity& owner) {
  return !owner.unit.empty() || !owner.container.empty();
}

std::string port_of(const Listener& listener) {
  const ListenerKey& key = listener.key;
  if (listener.bind() == Bind::Assigned) return std::string(word(Bind::Assigned));
  return has_scope(key.protocol) ? std::to_string(key.local.port) : address_text(key.protocol, key.local);
}

// Nothing else comes to what only this machine reaches; and servers open a link-local address for each
// interface that comes.
std::string device_of(const Listener& listener) {
  const Endpoint& local = listener.key.local;
  const Scope scope = listener.annotation.scope;
  const bool bound = has_ip_address(listener.key.protocol) && local.interface_index != 0;
  if (!bound || scope == Scope::Loopback || scope == Scope::LinkLocal) return {};
  const std::string& name = listener.members.front().device;
  return name.empty() ? "#" + std::to_string(local.interface_index) : name;
}

Reach reach_of(const Listener& listener) {
  Reach reach;
  reach.device = device_of(listener);
  reach.transparent = listener.transparent().value_or(false);
  if (has_ip_address(listener.key.protocol) && listener.annotation.scope == Scope::Any) {
    reach.ipv6 = listener.key.local.address.family == IpFamily::V6;
    reach.ipv4 = !reach.ipv6 || listener.covers_ipv4();
  }
  return reach;
}

}  // namespace

Identity identity_of(const Listener& listener) {
  OwnerIdentity owner = identity_of(listener.annotation.owner);
  const std::string& name_space = listener.annotation.name_space;
  Identity identity;
  identity.name_space = has_lasting_owner(owner) ? lasting_namespace(name_space).text : name_space;
  if (is_unnamed_namespace(identity.name_space)) identity.namespace_id = listener.key.name_space;
  identity.protocol = listener.key.protocol;
  identity.port = port_of(listener);
  identity.scope = listener.annotation.scope;
  identity.reach = reach_of(listener);
  identity.uid = owner.uid;
  if (is_numbered(listener.annotation.owner.container)) identity.program = owner.exe;
  for (std::string* name : {&owner.container, &owner.unit, &owner.exe}) {
    if (identity.owner.empty()) identity.owner = std::move(*name);
  }
  return identity;
}

}  // namespace sockwatch
