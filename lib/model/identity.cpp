// SPDX-License-Identifier: Apache-2.0
#include "lib/model/identity.h"

#include "lib/model/owner_identity.h"
#include "lib/model/place.h"

namespace sockwatch {

namespace {

// An inode is given to the next namespace when this one is gone.
std::string lasting_namespace(const std::string& name) {
  return name.starts_with("net:[") ? "net:*" : lasting_container(name);
}

std::string port_of(const Listener& listener) {
  const ListenerKey& key = listener.key;
  if (listener.bind() == Bind::Assigned) return std::string(word(Bind::Assigned));
  return has_scope(key.protocol) ? std::to_string(key.local.port) : address_text(key.protocol, key.local);
}

}  // namespace

Identity identity_of(const Listener& listener) {
  Identity identity{lasting_namespace(listener.annotation.name_space),
                    listener.key.protocol,
                    port_of(listener),
                    listener.annotation.scope,
                    {}};
  OwnerIdentity owner = identity_of(listener.annotation.owner);
  if (is_numbered(listener.annotation.owner.container)) identity.program = owner.exe;
  for (std::string* name : {&owner.container, &owner.unit, &owner.exe}) {
    if (identity.owner.empty()) identity.owner = std::move(*name);
  }
  return identity;
}

}  // namespace sockwatch
