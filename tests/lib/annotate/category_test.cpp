// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/category.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

namespace sockwatch {
namespace {

TEST(Category, changes_where_rfc_6335_says) {
  const std::pair<std::uint16_t, Category> cases[] = {
      {0, Category::WellKnown},     {22, Category::WellKnown},     {1023, Category::WellKnown},
      {1024, Category::Registered}, {32768, Category::Registered}, {49151, Category::Registered},
      {49152, Category::Dynamic},   {51820, Category::Dynamic},    {65535, Category::Dynamic},
  };
  for (const auto& [port, category] : cases) EXPECT_EQ(word(category_of(port)), word(category)) << port;
}

}  // namespace
}  // namespace sockwatch
