// SPDX-License-Identifier: Apache-2.0
// What this build calls itself.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/build_info.h"

namespace sockwatch {

BuildInfo build_info();
// "sockwatchd 0.1.0 (revision 1234abcd)"
std::string version_line(std::string_view program);

}  // namespace sockwatch
