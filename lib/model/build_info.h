// SPDX-License-Identifier: Apache-2.0
// Which build runs.
#pragma once

#include <string>

namespace sockwatch {

struct BuildInfo {
  std::string version;   // "0.1.0"
  std::string revision;  // of the source; "unknown" where it was not built from a checkout
};

}  // namespace sockwatch
