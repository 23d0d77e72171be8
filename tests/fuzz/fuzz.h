// SPDX-License-Identifier: Apache-2.0
// What every target starts with: any bytes come in, nothing may break, and what is said about them must hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace sockwatch::fuzz {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// libFuzzer keeps the input that came here.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace sockwatch::fuzz
