// SPDX-License-Identifier: Apache-2.0
// What we may do: saying what is missing, and giving up, for good, what only the start needed.
#pragma once

#include <cstddef>
#include <string>

#include "lib/base/result.h"

namespace sockwatch {

// CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN open event sources; reading them needs nothing. Takes them from the
// calling thread and from the threads it starts afterwards, so it comes before there are others.
Result<void> give_up_privileges();

// How many other threads this process has: each would keep what this one gives up.
std::size_t other_threads();

// For the log: which capabilities are not there that it takes to see the programs of other users. Empty when
// none.
std::string missing_sight();

}  // namespace sockwatch
