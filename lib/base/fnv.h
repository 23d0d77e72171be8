// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 64 bits (Fowler, Noll, Vo): the same hash for the same text on every machine. For telling drift,
// not for defending against anyone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sockwatch {

class Fnv {
 public:
  // Texts are kept apart: add("ab") differs from add("a"), add("b").
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<std::uint8_t>(c));
    mix(0xFF);
  }
  // 16 hexadecimal digits.
  std::string hex() const {
    std::string text(16, '0');
    for (std::size_t i = 0; i < text.size(); ++i)
      text[i] = "0123456789abcdef"[(state_ >> (60 - 4 * i)) & 0xF];
    return text;
  }

 private:
  void mix(std::uint8_t byte) {
    state_ ^= byte;
    state_ *= 0x100000001b3;
  }
  std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace sockwatch
