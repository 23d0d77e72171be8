// SPDX-License-Identifier: Apache-2.0
// Interfaces, addresses, routes and sysctls of the network namespace that the calling thread is in. Takes no
// privilege. Blocks for some milliseconds.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/reach/network.h"

namespace sockwatch::firewall {

// `proc` is usually "/proc".
Result<Network> read_network(const std::string& proc);

}  // namespace sockwatch::firewall
