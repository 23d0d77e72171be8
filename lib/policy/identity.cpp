// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/identity.h"

#include <string_view>

namespace sockwatch {
namespace {

// "session-3.scope" and every other scope is made for processes that are already there, under a name that
// nobody will give again; so are systemd-run's "run-r0123.service". "user@1000.service" is a whole login.
bool survives_restart(std::string_view unit) {
  if (!unit.ends_with(".service") && !unit.ends_with(".socket")) return false;
  return !unit.starts_with("run-") && !unit.starts_with("user@");
}

Identity without_owner(Identity identity) {
  identity.owner.clear();
  return identity;
}

}  // namespace

OwnerName owner_of(const Owner& owner) {
  if (!owner.container.empty()) return {OwnerKind::Container, owner.container};
  if (survives_restart(owner.unit)) return {OwnerKind::Unit, owner.unit};
  std::string first;
  for (const Holder& holder : owner.holders) {
    if (!holder.exe.empty() && (first.empty() || holder.exe < first)) first = holder.exe;
  }
  if (first.empty()) return {};
  return {OwnerKind::Exe, first};
}

Identity identity_of(const Listener& listener) {
  return {listener.annotation.name_space, listener.key.protocol,
          listener.bind() == Bind::Assigned ? "assigned" : std::to_string(listener.key.local.port),
          listener.annotation.scope, owner_of(listener.annotation.owner).name};
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
