// SPDX-License-Identifier: Apache-2.0
// The words of closed sets (protocol, verdict, …): each enumeration names its words once, and every output,
// rule and label uses those. Enumerators count from 0 without gaps, in the order of their words.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sockwatch {

// Specialise with: static constexpr std::array values = {std::string_view("first"), …};
template <typename E>
struct Words;

template <typename E>
inline constexpr std::size_t kWordCount = Words<E>::values.size();

template <typename E>
constexpr std::string_view word(E value) {
  return Words<E>::values[static_cast<std::size_t>(value)];
}

template <typename E>
constexpr std::optional<E> parse_word(std::string_view text) {
  for (std::size_t i = 0; i < kWordCount<E>; ++i) {
    if (Words<E>::values[i] == text) return static_cast<E>(i);
  }
  return std::nullopt;
}

// Every enumerator, in order.
template <typename E>
constexpr std::array<E, kWordCount<E>> all_of() {
  std::array<E, kWordCount<E>> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<E>(i);
  return all;
}

// "a, b or c": what an error message says was expected.
inline std::string list_of_words(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}
template <typename E>
std::string list_of_words() {
  return list_of_words(Words<E>::values);
}

}  // namespace sockwatch
