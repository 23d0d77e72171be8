// SPDX-License-Identifier: Apache-2.0
#include "lib/model/owner_identity.h"

#include <algorithm>

#include "lib/model/lasting_name.h"

namespace sockwatch {
namespace {

std::optional<std::uint32_t> uid_of(const Owner& owner) {
  if (owner.creator_uid) return owner.creator_uid;
  // One that was remembered without a pid may be remembered without a uid.
  const bool held = !owner.holders.empty() && owner.holders.front().id.pid != 0;
  return held ? std::optional(owner.holders.front().uid) : std::nullopt;
}

bool is_by_program(const OwnerIdentity& identity) {
  return identity.unit.empty() && identity.container.empty();
}

Likeness compare(const std::string& before, const std::string& after) {
  if (before.empty() || after.empty()) return Likeness::Unknown;
  return before == after ? Likeness::Same : Likeness::Other;
}

}  // namespace

OwnerIdentity identity_of(const Owner& owner) {
  OwnerIdentity identity;
  identity.unit = lasting_unit(owner.unit);
  identity.container = lasting_container(owner.container).text;
  const auto named = std::find_if(owner.holders.begin(), owner.holders.end(),
                                  [](const Holder& holder) { return !holder.exe.empty(); });
  if (named != owner.holders.end()) identity.exe = lasting_program(named->exe).text;
  if (is_by_program(identity)) identity.uid = uid_of(owner);
  return identity;
}

Likeness compare(const OwnerIdentity& before, const OwnerIdentity& after) {
  const Likeness container = compare(before.container, after.container);
  const bool any_number = container == Likeness::Same && before.container.ends_with('*');
  if (container != Likeness::Unknown && !any_number) return container;
  const Likeness unit = any_number ? Likeness::Unknown : compare(before.unit, after.unit);
  if (unit != Likeness::Unknown) return unit;
  const Likeness program = compare(before.exe, after.exe);
  const bool other_user = before.uid && after.uid && before.uid != after.uid;
  return program == Likeness::Same && other_user ? Likeness::Other : program;
}

bool may_be_one(const Owner& one, const Owner& other) {
  const OwnerIdentity a = identity_of(one);
  const OwnerIdentity b = identity_of(other);
  if (compare(a.container, b.container) == Likeness::Other) return false;
  if (compare(a.unit, b.unit) == Likeness::Other) return false;
  if (a.uid && b.uid && a.uid != b.uid) return false;
  if (a.exe.empty() || b.exe.empty()) return true;
  return std::any_of(one.holders.begin(), one.holders.end(), [&other](const Holder& holder) {
    return std::any_of(other.holders.begin(), other.holders.end(), [&holder](const Holder& candidate) {
      return !holder.exe.empty() && holder.exe == candidate.exe;
    });
  });
}

}  // namespace sockwatch
