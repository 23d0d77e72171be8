// SPDX-License-Identifier: Apache-2.0
#include "lib/config/problems.h"

#include <algorithm>
#include <numeric>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMostSaid = 100;
constexpr std::size_t kLongestWord = 32;  // no key is longer; bounds the work for a foreign one

// Levenshtein's distance: insertions, deletions and replacements that turn one text into the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

void Problems::add(std::string_view file, Position at, std::string_view what) {
  lines_.push_back(printable(file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                   one_line(what));
}

void Problems::add(std::string_view file, std::string_view what) {
  lines_.push_back(printable(file) + ": " + one_line(what));
}

Error Problems::error() const {
  std::string text;
  for (std::size_t i = 0; i < std::min(lines_.size(), kMostSaid); ++i) {
    if (i > 0) text += "\n";
    text += lines_[i];
  }
  if (lines_.size() > kMostSaid) text += "\nand " + std::to_string(lines_.size() - kMostSaid) + " more";
  return {text};
}

std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words) {
  if (text.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t least = std::min<std::size_t>(2, text.size() / 2) + 1;
  for (const std::string_view word : words) {
    const std::size_t distance = edit_distance(text, word);
    if (distance < least) {
      best = word;
      least = distance;
    }
  }
  return best;
}

std::string suggestion(std::string_view text, std::span<const std::string_view> words) {
  const std::string_view near = nearest_word(text, words);
  if (near.empty()) return "expected " + list_of(words);
  return "did you mean \"" + std::string(near) + "\"?";
}

std::string list_of(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace sockwatch
