// SPDX-License-Identifier: Apache-2.0
#include "lib/config/toml_text.h"

#include <cstdint>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

// Of a valid sequence.
std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(sequence[i]); };
  std::uint32_t value = sequence.size() == 1 ? byte(0) : byte(0) & (0xFFU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) value = (value << 6) | (byte(i) & 0x3FU);
  return value;
}

std::string unicode_escape(std::uint32_t value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const bool is_long = value > 0xFFFF;
  std::string text = is_long ? "\\U" : "\\u";
  for (int shift = is_long ? 28 : 12; shift >= 0; shift -= 4) text += kHex[(value >> shift) & 0xF];
  return text;
}

}  // namespace

std::string toml_quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0) {
      out += "\\ufffd";
    } else if (sequence == "\"" || sequence == "\\") {
      out += '\\';
      out += sequence;
    } else if (printable(sequence) != sequence) {
      out += unicode_escape(code_point(sequence));
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return out + "\"";
}

}  // namespace sockwatch
