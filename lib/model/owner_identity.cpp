// SPDX-License-Identifier: Apache-2.0
#include "lib/model/owner_identity.h"

#include <algorithm>

namespace sockwatch {
namespace {

constexpr std::size_t kDigitsShown = 12;  // of a container's number, by those who name them after it

// "session-3.scope" and every other scope is made for processes that are already there, under a name that
// nobody will give again; so are systemd-run's "run-r0123.service". "user@1000.service" is a whole login;
// what a user's manager runs is named behind it, "user@1000.service/foo.service".
bool survives_restart(std::string_view unit) {
  const std::string_view innermost = unit.substr(unit.rfind('/') + 1);
  if (!innermost.ends_with(".service") && !innermost.ends_with(".socket")) return false;
  return !innermost.starts_with("run-") && !innermost.starts_with("user@");
}

Likeness compare(const std::string& before, const std::string& after) {
  if (before.empty() || after.empty()) return Likeness::Unknown;
  return before == after ? Likeness::Same : Likeness::Other;
}

}  // namespace

bool is_numbered(std::string_view container) {
  const std::size_t colon = container.rfind(':');
  if (colon == std::string_view::npos || container.size() != colon + 1 + kDigitsShown) return false;
  return container.find_first_not_of("0123456789abcdef", colon + 1) == std::string_view::npos;
}

std::string lasting_container(std::string_view container) {
  if (!is_numbered(container)) return std::string(container);
  return std::string(container.substr(0, container.size() - kDigitsShown)) + "*";
}

OwnerIdentity identity_of(const Owner& owner) {
  OwnerIdentity identity;
  if (survives_restart(owner.unit)) identity.unit = owner.unit;
  identity.container = lasting_container(owner.container);
  const auto named = std::find_if(owner.holders.begin(), owner.holders.end(),
                                  [](const Holder& holder) { return !holder.exe.empty(); });
  if (named != owner.holders.end()) identity.exe = named->exe;
  return identity;
}

Likeness compare(const OwnerIdentity& before, const OwnerIdentity& after) {
  const Likeness container = compare(before.container, after.container);
  const bool any_number = container == Likeness::Same && before.container.ends_with('*');
  if (container != Likeness::Unknown && !any_number) return container;
  const Likeness unit = any_number ? Likeness::Unknown : compare(before.unit, after.unit);
  return unit != Likeness::Unknown ? unit : compare(before.exe, after.exe);
}

bool may_be_one(const Owner& one, const Owner& other) {
  const OwnerIdentity a = identity_of(one);
  const OwnerIdentity b = identity_of(other);
  if (compare(a.container, b.container) == Likeness::Other) return false;
  if (compare(a.unit, b.unit) == Likeness::Other) return false;
  if (a.exe.empty() || b.exe.empty()) return true;
  return std::any_of(one.holders.begin(), one.holders.end(), [&other](const Holder& holder) {
    return std::any_of(other.holders.begin(), other.holders.end(), [&holder](const Holder& candidate) {
      return !holder.exe.empty() && holder.exe == candidate.exe;
    });
  });
}

}  // namespace sockwatch
