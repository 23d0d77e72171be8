// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/owner_identity.h"

#include <string_view>

namespace sockwatch {
namespace {

// Units made by a program for one occasion, with a number or a hash in the name: every scope
// (session-3.scope, docker-0123.scope) and what systemd-run(1) starts.
bool is_passing(std::string_view unit) {
  return unit.ends_with(".scope") || unit.starts_with("run-");
}

bool known_and_different(const std::string& before, const std::string& after) {
  return !before.empty() && !after.empty() && before != after;
}

}  // namespace

OwnerIdentity identity_of(const Owner& owner) {
  OwnerIdentity identity;
  if (!is_passing(owner.unit)) identity.unit = owner.unit;
  identity.container = owner.container;
  if (!owner.holders.empty()) identity.exe = owner.holders.front().exe;
  return identity;
}

bool differ(const OwnerIdentity& before, const OwnerIdentity& after) {
  return known_and_different(before.unit, after.unit) ||
         known_and_different(before.container, after.container) || known_and_different(before.exe, after.exe);
}

}  // namespace sockwatch
