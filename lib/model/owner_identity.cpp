// SPDX-License-Identifier: Apache-2.0
#include "lib/model/owner_identity.h"

#include <string_view>

namespace sockwatch {
namespace {

// "session-3.scope" and every other scope is made for processes that are already there, under a name that
// nobody will give again; so are systemd-run's "run-r0123.service". "user@1000.service" is a whole login;
// what a user's manager runs is named behind it, "user@1000.service/foo.service".
bool survives_restart(std::string_view unit) {
  const std::string_view innermost = unit.substr(unit.rfind('/') + 1);
  if (!innermost.ends_with(".service") && !innermost.ends_with(".socket")) return false;
  return !innermost.starts_with("run-") && !innermost.starts_with("user@");
}

}  // namespace

OwnerIdentity identity_of(const Owner& owner) {
  OwnerIdentity identity;
  if (survives_restart(owner.unit)) identity.unit = owner.unit;
  identity.container = owner.container;
  for (const Holder& holder : owner.holders) {
    const bool better = identity.exe.empty() || holder.exe < identity.exe;
    if (!holder.exe.empty() && better) identity.exe = holder.exe;
  }
  return identity;
}

bool differ(const OwnerIdentity& before, const OwnerIdentity& after) {
  for (const auto part : {&OwnerIdentity::container, &OwnerIdentity::unit, &OwnerIdentity::exe}) {
    if (!(before.*part).empty() && !(after.*part).empty()) return before.*part != after.*part;
  }
  return false;
}

}  // namespace sockwatch
