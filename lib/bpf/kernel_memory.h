// SPDX-License-Identifier: Apache-2.0
// What all readers of memory shared with the kernel need. Callable from any thread.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <span>

namespace sockwatch {

// Bytes in a page of memory (getpagesize(2)).
inline std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

// The T at an offset that need not be aligned for it. The caller has checked that it lies within `bytes`.
template <typename T>
T read_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

}  // namespace sockwatch
