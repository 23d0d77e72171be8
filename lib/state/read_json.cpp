// SPDX-License-Identifier: Apache-2.0
#include "lib/state/read_json.h"

#include <optional>
#include <string_view>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

// Nothing where a backslash stands for nothing.
std::optional<std::string> from_printable(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    const std::string_view escape = text.substr(i, 4);  // \xNN
    if (escape.size() < 4 || escape[1] != 'x') return std::nullopt;
    const auto byte = parse_integer<std::uint8_t>(escape.substr(2), 16);
    if (!byte) return std::nullopt;
    bytes += static_cast<char>(*byte);
    i += 3;
  }
  return bytes;
}

}  // namespace

void malformed(const char* key, const Json& value, const std::string& expected) {
  constexpr std::size_t kEnough = 80;
  // In ASCII, so that it can be cut anywhere and shown as it is.
  throw MalformedMemory(std::string(key) + " = " + value.dump(-1, ' ', true).substr(0, kEnough) +
                        ", expected " + expected);
}

std::string name_at(const Json& row, const char* key) {
  const Json& value = row.at(key);
  if (auto name = from_printable(value.get<std::string>())) return *std::move(name);
  malformed(key, value, "\\xNN wherever there is a backslash");
}

const Json& list_at(const Json& row, const char* key) {
  const Json& value = row.at(key);
  if (!value.is_array()) malformed(key, value, "a list");
  return value;
}

}  // namespace sockwatch
