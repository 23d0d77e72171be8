// SPDX-License-Identifier: Apache-2.0
// The process that a BPF program told of, as a holder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "lib/model/annotation.h"

namespace sockwatch {

template <std::size_t N>
std::string told_text(const char (&bytes)[N]) {
  return {bytes, std::find(bytes, bytes + N, '\0')};
}

// Of a listen_event or a task_file_hit. The exe is only the last part of its path.
template <typename Told>
Holder told_holder(const Told& told, long ticks_per_second) {
  // /proc/PID/stat shows the same number in clock ticks.
  const std::uint64_t nanoseconds_per_tick = 1'000'000'000ULL / static_cast<std::uint64_t>(ticks_per_second);
  return {{static_cast<std::int32_t>(told.tgid), told.start_ns / nanoseconds_per_tick},
          told_text(told.comm),
          told_text(told.exe),
          told.uid};
}

}  // namespace sockwatch
