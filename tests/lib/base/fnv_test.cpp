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

// The reference value of FNV-1a for the bytes "a\xFF", which is "a" and the end of a text.
TEST(Fnv, is_the_published_function_over_the_text_and_its_end) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  const std::uint64_t expected = ((0xcbf29ce484222325 ^ 'a') * kPrime ^ 0xFF) * kPrime;
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
