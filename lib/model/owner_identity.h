// SPDX-License-Identifier: Apache-2.0
// Who is behind a listener, by names that outlive a restart: what tells one owner from another, in the policy
// and in alerts. No pid and no name of a session enters it: a service that restarts, or a developer who logs
// in again, is the same owner.
#pragma once

#include <compare>
#include <string>

#include "lib/model/annotation.h"

namespace sockwatch {

// Each part is empty where unknown.
struct OwnerIdentity {
  std::string unit;  // *.service or *.socket, and not made for one occasion
  std::string container;
  std::string exe;  // of the holders, the first by name where they differ

  friend auto operator<=>(const OwnerIdentity&, const OwnerIdentity&) = default;
};

OwnerIdentity identity_of(const Owner& owner);

// By the strongest name that both sides know: container, unit, program. Not knowing is not a change, and a
// unit whose program was upgraded is the same unit.
bool differ(const OwnerIdentity& before, const OwnerIdentity& after);

}  // namespace sockwatch
