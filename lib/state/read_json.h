// SPDX-License-Identifier: Apache-2.0
// Values of the state file, read with distrust: what is not what was written is malformed, never a default.
// Only lib/state includes this.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/words.h"
#include "lib/state/memory_json.h"

namespace sockwatch {

using Json = nlohmann::ordered_json;

[[noreturn]] void malformed(const char* key, const Json& value, const std::string& expected);

// JSON holds UTF-8 only, and a program may be called anything: names are kept in the form of printable(),
// which loses nothing. This is the way back.
std::string name_at(const Json& row, const char* key);

// A loop over a value that is no list would take it for one of one element.
const Json& list_at(const Json& row, const char* key);

template <typename E>
E word_at(const Json& row, const char* key) {
  const Json& value = row.at(key);
  if (const auto found = parse_word<E>(value.get<std::string>())) return *found;
  malformed(key, value, list_of_words<E>());
}

// get<uint16_t>() would cut a large number short and take true for 1.
template <typename Integer>
Integer integer(const char* key, const Json& value) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
  const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() <= kLargest;
  if (!fits) malformed(key, value, "a whole number up to " + std::to_string(kLargest));
  return value.get<Integer>();
}

template <typename Integer>
Integer integer_at(const Json& row, const char* key) {
  return integer<Integer>(key, row.at(key));
}

}  // namespace sockwatch
