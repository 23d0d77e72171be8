// SPDX-License-Identifier: Apache-2.0
#include "lib/model/identity.h"

#include "lib/model/owner_identity.h"
#include "lib/model/place.h"

namespace sockwatch {

namespace {

// The inode of a namespace without a name is another each time. A unit or a container in it says which one it
// is all the same; a mere program does not, and is not vouched for in every other one.
std::string lasting_namespace(const std::string& name, const OwnerIdentity& owner) {
  const bool lasting_owner = !owner.unit.empty() || !owner.container.empty();
  return lasting_owner && name.starts_with("net:[") ? "net:*" : lasting_container(name);
}

std::string port_of(const Listener& listener) {
  const ListenerKey& key = listener.key;
  if (listener.bind() == Bind::Assigned) return std::string(word(Bind::Assigned));
  return has_scope(key.protocol) ? std::to_string(key.local.port) : address_text(key.protocol, key.local);
}

}  // namespace

Identity identity_of(const Listener& listener) {
  OwnerIdentity owner = identity_of(listener.annotation.owner);
  Identity identity{lasting_namespace(listener.annotation.name_space, owner),
                    listener.key.protocol,
                    port_of(listener),
                    listener.annotation.scope,
                    {}};
  if (is_numbered(listener.annotation.owner.container)) identity.program = owner.exe;
  for (std::string* name : {&owner.container, &owner.unit, &owner.exe}) {
    if (identity.owner.empty()) identity.owner = std::move(*name);
  }
  return identity;
}

}  // namespace sockwatch
