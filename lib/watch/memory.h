// SPDX-License-Identifier: Apache-2.0
// What survives a restart of sockwatch.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "lib/model/listener_list.h"
#include "lib/policy/identity.h"

namespace sockwatch {

struct Memory {
  LearnedSet learned;
  ListenerList known;  // sorted by key
  // Of a version whose identities held no user, no namespace but by its inode, and names that are made up
  // anew each time.
  bool old_identities = false;
};

// Gives the identities of an earlier version what they lack. What was open when it was written and counted as
// learned is learned anew, as it was then, with its user by name. Of other programs nobody can tell whose
// they were: they vouch for root alone, of whom nobody borrows a socket; those in a namespace without a name
// for nobody.
void complete(Memory& memory,
              const std::function<std::optional<std::uint32_t>(const std::string& user)>& uid_of);

}  // namespace sockwatch
