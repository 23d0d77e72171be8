// SPDX-License-Identifier: Apache-2.0
// What a program uses itself: the values of the standard process_* metrics.
#pragma once

#include <cstdint>

namespace sockwatch {

struct ProcessStats {
  double cpu_seconds = 0;  // user and system
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  double start_time_seconds = 0;  // since 1970
};

}  // namespace sockwatch
