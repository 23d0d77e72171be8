// SPDX-License-Identifier: Apache-2.0
// Who is behind a listener, by names that outlive a restart: what tells one owner from another, in the policy
// and in alerts. No pid and no name of a session enters it: a service that restarts, or a developer who logs
// in again, is the same owner.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/annotation.h"

namespace sockwatch {

// Each part is empty where unknown.
struct OwnerIdentity {
  std::string unit;       // *.service or *.socket, and not made for one occasion
  std::string container;  // see lasting_container()
  std::string exe;        // of the first holder whose program is known

  friend auto operator<=>(const OwnerIdentity&, const OwnerIdentity&) = default;
};

OwnerIdentity identity_of(const Owner& owner);

// "lxc:web" as it is; "docker:*" of "docker:0123456789ab", because the next container of the same image will
// have another number. Of such a one the program is part of who it is.
std::string lasting_container(std::string_view container);
// It ends in a number that no other container will ever have.
bool is_numbered(std::string_view container);

enum class Likeness : std::uint8_t { Same, Other, Unknown };

// By the strongest name that both sides know: container (a numbered one with its program), unit, program.
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
