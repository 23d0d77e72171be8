// SPDX-License-Identifier: Apache-2.0
#include "lib/config/problems.h"

#include <gtest/gtest.h>

#include <array>

namespace sockwatch {
namespace {

constexpr std::array<std::string_view, 4> kWords{"listeners", "connections", "events", "on"};

TEST(Problems, are_told_all_in_the_order_found) {
  Problems problems;
  EXPECT_TRUE(problems.empty());
  problems.add("a.toml", {3, 14}, "first");
  problems.add("b.toml", "second");
  problems.add(Error{"third"});
  EXPECT_FALSE(problems.empty());
  EXPECT_EQ(problems.error().message, "a.toml:3:14: first\nb.toml: second\nthird");
}

TEST(Problems, of_a_flood_are_counted) {
  Problems problems;
  for (int i = 0; i < 150; ++i) problems.add("f", {1, 1}, "x");
  const std::string message = problems.error().message;
  EXPECT_TRUE(message.ends_with("f:1:1: x\nand 50 more")) << message;
}

TEST(Problems, stay_one_line_whatever_they_quote) {
  Problems problems;
  problems.add("evil\nname", {1, 2}, "saw \x1b[31m and \xff");
  EXPECT_EQ(problems.error().message, "evil\\x0aname:1:2: saw \\x1b[31m and \\xff");
}

TEST(NearestWord, forgives_up_to_two_typing_mistakes) {
  EXPECT_EQ(nearest_word("lisenters", kWords), "listeners");
  EXPECT_EQ(nearest_word("listener", kWords), "listeners");
  EXPECT_EQ(nearest_word("evnts", kWords), "events");
  EXPECT_EQ(nearest_word("conections", kWords), "connections");
}

TEST(NearestWord, does_not_guess) {
  EXPECT_EQ(nearest_word("", kWords), "");
  EXPECT_EQ(nearest_word("x", kWords), "");
  EXPECT_EQ(nearest_word("lsnr", kWords), "");
  EXPECT_EQ(nearest_word("colour", kWords), "");
  EXPECT_EQ(nearest_word(std::string(100000, 'l'), kWords), "");
}

TEST(Suggestion, names_the_near_word_or_all_of_them) {
  EXPECT_EQ(suggestion("event", kWords), "did you mean \"events\"?");
  EXPECT_EQ(suggestion("colour", kWords), "expected listeners, connections, events or on");
}

}  // namespace
}  // namespace sockwatch
