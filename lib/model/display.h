// SPDX-License-Identifier: Apache-2.0
// What people call a listener and its owner: one form for messages, tables and pages. Foreign text as it is;
// each output escapes it its own way. Pure.
#pragma once

#include <string>

#include "lib/model/listener.h"

namespace sockwatch {

// "0.0.0.0:4444/tcp", "/run/a.sock/unix", "eth0 (any)/packet".
std::string endpoint_text(const Listener& listener);
// The same without the number of a port that the kernel chose: "0.0.0.0".
std::string lasting_endpoint_text(const Listener& listener);

// What the process calls itself, else the last part of its program's path; empty where neither is known.
std::string program_name(const Holder& holder);

// The container, else the unit, else the program that holds it, else why none is known.
std::string owner_name(const Owner& owner);

}  // namespace sockwatch
