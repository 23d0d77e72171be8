// SPDX-License-Identifier: Apache-2.0
// Listeners with an owner for tests, from a few words of text.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tests/fakes/sockets.h"

namespace sockwatch {

inline Listener assigned(Listener listener) {
  for (SocketRecord& member : listener.members) member.bind = Bind::Assigned;
  return listener;
}

inline Listener scoped(Listener listener, Scope scope) {
  listener.annotation.scope = scope;
  return listener;
}

inline Listener owned(Listener listener, Owner owner) {
  listener.annotation.owner = std::move(owner);
  return listener;
}

// A process that was found, in a unit of that name.
inline Owner unit_owner(std::string_view unit, std::string_view exe) {
  Owner owner;
  owner.state = OwnerState::Known;
  owner.cgroup = "/system.slice/" + std::string(unit);
  owner.unit = unit;
  owner.holders = {{{100, 5000}, "comm", std::string(exe), 1000}};
  owner.user = "alice";
  return owner;
}

}  // namespace sockwatch
