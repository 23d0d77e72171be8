// SPDX-License-Identifier: Apache-2.0
// Who is behind a listener, by names that outlive a restart: what tells one owner from another, in the policy
// and in alerts. No pid and no name of a session enters it: a service that restarts, or a developer who logs
// in again, is the same owner.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "lib/model/annotation.h"

namespace sockwatch {

// Each part is empty where unknown.
struct OwnerIdentity {
  std::string unit;       // see lasting_unit()
  std::string container;  // see lasting_container()
  std::string exe;        // of the first holder whose program is known

  // Of the socket's creator, where no unit and no container says whose the program is: everybody may run an
  // interpreter. It outlives that a server gives root's privileges up.
  std::optional<std::uint32_t> uid = {};

  friend auto operator<=>(const OwnerIdentity&, const OwnerIdentity&) = default;
};

OwnerIdentity identity_of(const Owner& owner);

enum class Likeness : std::uint8_t { Same, Other, Unknown };

// By the strongest name that both sides know: container (a numbered one with its program), unit, program with
// its user.
// A unit whose program was upgraded is the same unit. Unknown where they have no name to compare.
Likeness compare(const OwnerIdentity& before, const OwnerIdentity& after);

// Not knowing is not a change.
inline bool differ(const OwnerIdentity& before, const OwnerIdentity& after) {
  return compare(before, after) == Likeness::Other;
}

// Whether no name that both sides know is another, and they have a program in common where both have any. For
// two at one time, where a second program of the same unit is somebody else.
bool may_be_one(const Owner& one, const Owner& other);

}  // namespace sockwatch
