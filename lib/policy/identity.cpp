// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/identity.h"

#include "lib/model/owner_identity.h"
#include "lib/model/place.h"

namespace sockwatch {
namespace {

Identity without_owner(Identity identity) {
  identity.owner.clear();
  return identity;
}

std::string port_of(const Listener& listener) {
  const ListenerKey& key = listener.key;
  if (listener.bind() == Bind::Assigned) return std::string(word(Bind::Assigned));
  return has_scope(key.protocol) ? std::to_string(key.local.port) : address_text(key.protocol, key.local);
}

}  // namespace

OwnerName owner_of(const Owner& owner) {
  const OwnerIdentity identity = identity_of(owner);
  if (!identity.container.empty()) return {OwnerKind::Container, identity.container};
  if (!identity.unit.empty()) return {OwnerKind::Unit, identity.unit};
  if (!identity.exe.empty()) return {OwnerKind::Exe, identity.exe};
  return {};
}

Identity identity_of(const Listener& listener) {
  return {listener.annotation.name_space, listener.key.protocol, port_of(listener), listener.annotation.scope,
          owner_of(listener.annotation.owner).name};
}

bool LearnedSet::covers(const Identity& identity) const {
  return contains(identity) || contains(without_owner(identity));
}

bool LearnedSet::may_cover(const Identity& identity) const {
  // The owner is the last thing that is compared: its namesakes follow the one without.
  const Identity nobody = without_owner(identity);
  const auto next = identities_.lower_bound(nobody);
  return next != identities_.end() && without_owner(*next) == nobody;
}

}  // namespace sockwatch
