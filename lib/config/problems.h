// SPDX-License-Identifier: Apache-2.0
// Everything that is wrong with a set of files, gathered before anything is said: a person who fixes a
// configuration wants the whole list, not the first line of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace sockwatch {

// Both count from 1; the column counts code points.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

class Problems {
 public:
  // "file:line:column: what". Foreign bytes in either text are made printable, once: a backslash
  // of `what` stays.
  void add(std::string_view file, Position at, std::string_view what);
  // About a file as a whole: "file: what".
  void add(std::string_view file, std::string_view what);
  void add(const Error& error) { lines_.push_back(error.message); }

  bool empty() const { return lines_.empty(); }
  // All of them, one a line, in the order they were found; of a flood the first hundred and a count.
  Error error() const;

 private:
  std::vector<std::string> lines_;
};

// The one of `words` that a typing mistake most likely meant; empty where none is near.
std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words);

// `did you mean "x"?` where one of `words` is near, else `expected a, b or c`.
std::string suggestion(std::string_view text, std::span<const std::string_view> words);

// "a, b or c"
std::string list_of(std::span<const std::string_view> words);

}  // namespace sockwatch
