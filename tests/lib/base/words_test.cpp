// SPDX-License-Identifier: Apache-2.0
#include "lib/base/words.h"

#include <gtest/gtest.h>

namespace sockwatch {

enum class Fruit { Apple, Pear, Fig };
template <>
struct Words<Fruit> {
  static constexpr std::array<std::string_view, 3> values = {"apple", "pear", "fig"};
};

enum class Lonely { Only };
template <>
struct Words<Lonely> {
  static constexpr std::array<std::string_view, 1> values = {"only"};
};

namespace {

TEST(Words, every_enumerator_comes_back_from_its_word) {
  for (const Fruit fruit : all_of<Fruit>()) EXPECT_EQ(parse_word<Fruit>(word(fruit)), fruit);
  EXPECT_EQ(kWordCount<Fruit>, 3U);
}

TEST(Words, no_other_text_is_a_word) {
  for (const std::string_view text : {"", "Apple", "appl", "apples", " fig", "fig "}) {
    EXPECT_EQ(parse_word<Fruit>(text), std::nullopt) << text;
  }
}

TEST(Words, a_list_reads_like_a_sentence) {
  EXPECT_EQ(list_of_words<Fruit>(), "apple, pear or fig");
  EXPECT_EQ(list_of_words<Lonely>(), "only");
}

TEST(Words, are_known_while_compiling) {
  static_assert(word(Fruit::Fig) == "fig");
  static_assert(parse_word<Fruit>("pear") == Fruit::Pear);
}

}  // namespace
}  // namespace sockwatch
