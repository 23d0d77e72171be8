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
  // Texts are kept apart: "ab", "c" is not "a", "bc".
  void add(std::string_view text) {
    add_number(text.size());
    for (const char c : text) mix(static_cast<std::uint8_t>(c));
  }
  void add_number(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) mix(static_cast<std::uint8_t>(number >> shift));
  }
  // 16 hexadecimal digits.
  std::string hex() const {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(state_ >> shift) & 0xF];
    return text;
  }

 private:
  void mix(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3; }
  std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace sockwatch
