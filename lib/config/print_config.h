// SPDX-License-Identifier: Apache-2.0
// The settings in force, for a person who asks where a value comes from.
#pragma once

#include <string>

#include "lib/config/settings.h"

namespace sockwatch {

// TOML that loads to equal settings; each line ends with "# file:line" or "# default".
std::string print_config(const Settings& settings);

}  // namespace sockwatch
