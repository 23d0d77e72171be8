// SPDX-License-Identifier: Apache-2.0
// The properties of a listener that the table says are remembered. What identifies it, whose it is and how it
// was judged is more than a value, and has its own members in memory_json.cpp. Only lib/state includes this.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "lib/model/listener.h"

namespace sockwatch {

void add_properties(nlohmann::ordered_json& row, const Listener& listener);
// What a file of an earlier version does not say stays as it is. Throws as memory_json.h says.
void read_properties(const nlohmann::ordered_json& row, Listener& listener);

}  // namespace sockwatch
