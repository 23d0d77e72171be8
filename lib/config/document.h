// SPDX-License-Identifier: Apache-2.0
// A TOML text as a plain tree in which every key and value knows its line and column. The one door to toml++:
// settings and policy are read from this tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/config/problems.h"

namespace sockwatch {

struct Entry;
struct Node;
struct Moment {};  // TOML's dates and times: known to the format, of no use to any key

using Array = std::vector<Node>;
using Table = std::vector<Entry>;  // in the order of the text, keys unique

struct Node {
  Position at;
  std::variant<Moment, bool, std::int64_t, double, std::string, Array, Table> value;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
};

struct Entry {
  std::string key;
  Position at;
  Node node;
};

// `file` is only the name used in messages. Any bytes are safe to pass; what is not valid TOML, or nests
// deeper than any key of ours, is an error "file:line:column: what".
Result<Table> parse_document(std::string_view file, std::string_view text);

}  // namespace sockwatch
