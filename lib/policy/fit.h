// SPDX-License-Identifier: Apache-2.0
// Whether a rule means a listener. Pure.
#pragma once

#include "lib/model/listener.h"
#include "lib/policy/rule.h"

namespace sockwatch {

enum class Fit {
  No,
  Yes,
  Undecided,  // all that is known fits, and what is not known is about the owner
};

Fit fit(const Rule& rule, const Listener& listener);

// Whether it can mean such a socket, by protocol, port, path and interface alone.
bool fits_kind(const Rule& rule, const SocketRecord& record);

// The search for the owner has ended with an answer: a process, or the kernel itself. Any other state can
// still turn into one of these.
inline bool is_found(const Owner& owner) {
  return owner.state == OwnerState::Known || owner.state == OwnerState::Kernel;
}

}  // namespace sockwatch
