// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/identity.h"

#include <tuple>
#include <utility>

#include "lib/model/owner_identity.h"

namespace sockwatch {
namespace {

// A multicast group is joined by whoever wants to be reached through it, however near he is.
bool is_within(Scope narrow, Scope wide) {
  if (narrow == wide || wide == Scope::Any) return true;
  return narrow != Scope::Multicast && wide != Scope::Multicast &&
         exposure_rank(narrow) > exposure_rank(wide);
}

// What was learned without a program or a user was open then and could not be attributed; a unit or a
// container has no user to compare.
bool is_same_program(const Identity& learned, const Identity& now) {
  const bool same_user = !learned.uid || !now.uid || learned.uid == now.uid;
  return same_user && (learned.program.empty() || learned.program == now.program);
}

}  // namespace

bool reaches_no_farther(const Identity& narrow, const Identity& wide) {
  if (!is_within(narrow.scope, wide.scope)) return false;
  if (narrow.reach.transparent && !wide.reach.transparent) return false;
  if (narrow.scope == Scope::Loopback) return true;
  if (!wide.reach.device.empty() && wide.reach.device != narrow.reach.device) return false;
  if (narrow.scope != Scope::Any) return true;
  return (wide.reach.ipv4 || !narrow.reach.ipv4) && (wide.reach.ipv6 || !narrow.reach.ipv6);
}

OwnerName owner_of(const Owner& owner) {
  const OwnerIdentity identity = identity_of(owner);
  if (!owner.container.empty()) return {OwnerKind::Container, owner.container};
  if (!identity.unit.empty()) return {OwnerKind::Unit, identity.unit};
  if (!identity.exe.empty()) return {OwnerKind::Exe, identity.exe};
  return {};
}

bool LearnedSet::ByOwner::operator()(const Identity& a, const Identity& b) const {
  const auto place = [](const Identity& each) {
    return std::tie(each.name_space, each.protocol, each.port, each.owner);
  };
  return place(a) != place(b) ? place(a) < place(b) : a < b;
}

bool LearnedSet::vouches(const Identity& identity, const std::string& owner) const {
  const auto place = [](const Identity& each) { return std::tie(each.name_space, each.protocol, each.port); };
  Identity first{identity.name_space, identity.protocol, identity.port, {}, owner};
  first.reach = {{}, false, false, false};
  for (auto at = identities_.lower_bound(first); at != identities_.end(); ++at) {
    if (place(*at) != place(identity) || at->owner != owner) return false;
    if (at->namespace_id != identity.namespace_id || !is_same_program(*at, identity)) continue;
    if (reaches_no_farther(identity, *at)) return true;
  }
  return false;
}

bool LearnedSet::covers(const Identity& identity) const {
  if (vouches(identity, identity.owner) || vouches(identity, {})) return true;
  const bool dual = identity.scope == Scope::Any && identity.reach.ipv4 && identity.reach.ipv6;
  if (!dual || !has_ip_address(identity.protocol)) return false;
  Identity ipv4 = identity;
  Identity ipv6 = identity;
  ipv4.reach.ipv6 = ipv6.reach.ipv4 = false;
  return covers(ipv4) && covers(ipv6);
}

bool LearnedSet::may_cover(const Identity& identity) const {
  const auto place = [](const Identity& each) { return std::tie(each.name_space, each.protocol, each.port); };
  const Identity first{identity.name_space, identity.protocol, identity.port, {}, {}};
  for (auto at = identities_.lower_bound(first); at != identities_.end(); ++at) {
    if (place(*at) != place(identity)) return false;
    const bool may_be_owner = identity.owner.empty() || at->owner.empty() || at->owner == identity.owner;
    if (may_be_owner && reaches_no_farther(identity, *at)) return true;
  }
  return false;
}

}  // namespace sockwatch
