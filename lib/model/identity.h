// SPDX-License-Identifier: Apache-2.0
// What stays the same when a service is restarted: the answer to "have we seen this one before?". No pid, no
// cookie, no order of sockets, and no service name, which is only a hint.
#pragma once

#include <compare>
#include <string>

#include "lib/model/listener.h"

namespace sockwatch {

struct Identity {
  std::string name_space;  // "net:*", "docker:*" where the name does not last
  Protocol protocol = Protocol::Tcp;
  // The number, or what the family has instead (a path, an interface); "assigned" where the kernel chose it
  // and will choose another one each time.
  std::string port;
  Scope scope = Scope::Any;
  // The container, else the lasting unit, else the program (owner_identity.h); empty where it is not known.
  std::string owner;
  std::string program = {};  // of a numbered container; else empty

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

Identity identity_of(const Listener& listener);

}  // namespace sockwatch
