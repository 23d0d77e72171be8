// SPDX-License-Identifier: Apache-2.0
// What a list of listeners comes to, in 16 hexadecimal digits. Pure.
#pragma once

#include <string>

#include "lib/model/listener_list.h"

namespace sockwatch {

// Equal on two machines that have the same listeners of the same owners open, whatever their sockets and
// order.
std::string listener_set_hash(const ListenerList& listeners);

// Equal while the listeners are the same, of the same owners and judged the same; for a reader who wants to
// know whether to look again.
std::string listeners_revision(const ListenerList& listeners);

}  // namespace sockwatch
