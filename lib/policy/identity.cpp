// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/identity.h"

#include <utility>

#include "lib/model/owner_identity.h"

namespace sockwatch {
namespace {

Identity without_program(Identity identity) {
  identity.program.clear();
  return identity;
}

Identity without_owner(Identity identity) {
  identity.owner.clear();
  return without_program(std::move(identity));
}

}  // namespace

OwnerName owner_of(const Owner& owner) {
  const OwnerIdentity identity = identity_of(owner);
  if (!owner.container.empty()) return {OwnerKind::Container, owner.container};
  if (!identity.unit.empty()) return {OwnerKind::Unit, identity.unit};
  if (!identity.exe.empty()) return {OwnerKind::Exe, identity.exe};
  return {};
}

bool LearnedSet::covers(const Identity& identity) const {
  return contains(identity) || contains(without_program(identity)) || contains(without_owner(identity));
}

bool LearnedSet::may_cover(const Identity& identity) const {
  // The owner is compared last: its namesakes follow the one without.
  const Identity nobody = without_owner(identity);
  const auto next = identities_.lower_bound(nobody);
  return next != identities_.end() && without_owner(*next) == nobody;
}

}  // namespace sockwatch
