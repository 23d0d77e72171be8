// SPDX-License-Identifier: Apache-2.0
// --once and --replay: the whole road without a loop, a server or a state that is written. The metrics page
// goes to standard output, one JSON line an alert to standard error.
#pragma once

#include <string_view>

#include "daemon/options.h"
#include "lib/monitor/setup.h"

namespace sockwatch {

// One full look at this machine.
Result<void> look_once(const Options& options, const Setup& setup);

// A recording, from its first look to its last; with --once only up to the first of each kind.
Result<void> replay(const Options& options, const Setup& setup);

// To standard output, all of it or an error.
Result<void> print(std::string_view text);

}  // namespace sockwatch
