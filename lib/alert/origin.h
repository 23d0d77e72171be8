// SPDX-License-Identifier: Apache-2.0
// Whose doing an alert is: what limits are shared out by. Only what nobody can choose for himself counts, or
// whoever makes noise could do it under a thousand names: the container, else the unit of the system's own
// manager (a whole login where it is a user's), else the user. Pure.
#pragma once

#include <string>

#include "lib/model/event.h"

namespace sockwatch {

// Printable: "docker:0123456789ab", "nginx.service", "session-3.scope", "user@1000.service", "user max",
// "rule ssh", "sockwatch itself".
std::string origin_of(const Alert& alert);

}  // namespace sockwatch
