// SPDX-License-Identifier: Apache-2.0
#include "lib/base/fnv.h"

#include <gtest/gtest.h>

#include <vector>

namespace sockwatch {
namespace {

std::string hash(const std::vector<std::string_view>& texts) {
  Fnv fnv;
  for (const std::string_view text : texts) fnv.add(text);
  return fnv.hex();
}

TEST(Fnv, of_nothing_is_the_offset_basis) {
  EXPECT_EQ(hash({}), "cbf29ce484222325");
}

// FNV-1a of the eight bytes of a length, the lowest first, and then the text.
TEST(Fnv, is_the_published_function_over_the_length_and_the_text) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t expected = 0xcbf29ce484222325;
  for (const unsigned byte : {1U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, unsigned{'a'}})
    expected = (expected ^ byte) * kPrime;
  Fnv fnv;
  fnv.add("a");
  EXPECT_EQ(std::stoull(fnv.hex(), nullptr, 16), expected);
}

TEST(Fnv, tells_apart_where_one_text_ends_and_the_next_begins) {
  EXPECT_NE(hash({"ab"}), hash({"a", "b"}));
  EXPECT_NE(hash({"a", "b"}), hash({"b", "a"}));
  EXPECT_NE(hash({""}), hash({}));
}

TEST(Fnv, hex_is_always_sixteen_digits) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(hash({std::to_string(i)}).size(), 16U);
}

}  // namespace
}  // namespace sockwatch
