// SPDX-License-Identifier: Apache-2.0
// What stays the same when a service is restarted: the answer to "have we seen this one before?". No pid, no
// cookie, no order of sockets, and no service name, which is only a hint.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "lib/model/listener.h"

namespace sockwatch {

// How far it reaches, beyond the scope of its address.
struct Reach {
  std::string device = {};  // the interface it is bound to; empty: all
  bool ipv4 = true;         // of scope `any`: the versions of IP that it takes; else both
  bool ipv6 = true;
  bool transparent = false;

  friend auto operator<=>(const Reach&, const Reach&) = default;
};

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
  Reach reach = {};
  std::optional<std::uint32_t> uid = {};  // of a mere program (owner_identity.h)
  // Of a mere program in a namespace without a name: the kernel gives its inode out again, this never (where
  // it has cookies, since Linux 5.14). Means nothing after the machine's next boot.
  NamespaceId namespace_id = {};

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

Identity identity_of(const Listener& listener);

}  // namespace sockwatch
