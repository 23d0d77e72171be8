// SPDX-License-Identifier: Apache-2.0
// The form in which entries that wait survive a restart: a version line, then every queue and every entry
// with its length in front. Pure; what comes from a file is foreign bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace sockwatch {

struct SavedQueue {
  std::string sink;                  // AlertSink::name()
  std::uint64_t untold = 0;          // entries dropped because the queue was full, not yet said
  std::vector<std::string> entries;  // the oldest first

  friend bool operator==(const SavedQueue&, const SavedQueue&) = default;
};

std::string encode(std::span<const SavedQueue> queues);
// All of it or an error: cut short, another version, a length that points outside, bytes left over.
Result<std::vector<SavedQueue>> decode(std::string_view bytes);

}  // namespace sockwatch
