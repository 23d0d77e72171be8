// SPDX-License-Identifier: Apache-2.0
// Who is behind a listener, for telling whether somebody else is there now. No pid and no name of a session
// enters it: a service that restarts, or a developer who logs in again, is the same owner.
#pragma once

#include <compare>
#include <string>

#include "lib/model/annotation.h"

namespace sockwatch {

// Each part is empty where unknown.
struct OwnerIdentity {
  std::string unit;
  std::string container;
  std::string exe;

  friend auto operator<=>(const OwnerIdentity&, const OwnerIdentity&) = default;
};

OwnerIdentity identity_of(const Owner& owner);

// True only where both sides know the same part and it differs: not knowing is not a change.
bool differ(const OwnerIdentity& before, const OwnerIdentity& after);

}  // namespace sockwatch
