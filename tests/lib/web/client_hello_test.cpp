// SPDX-License-Identifier: Apache-2.0
#include "lib/web/client_hello.h"

#include <gtest/gtest.h>

#include <string>

namespace sockwatch {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Version, random, no session, two suites, no compression; then the extensions.
Bytes hello(std::uint8_t version, const Bytes& extensions) {
  Bytes bytes{3, version};
  bytes.insert(bytes.end(), 32, 7);
  bytes.insert(bytes.end(), {0, 0, 4, 0xC0, 0x2F, 0x13, 0x01, 1, 0});
  bytes.insert(bytes.end(), extensions.begin(), extensions.end());
  return bytes;
}

TEST(ClientHello, an_old_client_tells_versions_by_a_number) {
  const auto read = read_client_hello(hello(2, {}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->suites, (std::vector<std::uint16_t>{0xC02F, 0x1301}));
  EXPECT_EQ(read->versions, (std::vector<std::uint16_t>{0x0301, 0x0302}));
  EXPECT_TRUE(read->offers(0x0302));
  EXPECT_FALSE(read->offers(0x0303));
}

TEST(ClientHello, a_new_one_by_a_list_among_other_extensions) {
  const auto read = read_client_hello(hello(3, {0, 16, 0, 1, 0, 3, 9, 9, 9, 0, 43, 0, 5, 4, 3, 4, 3, 3}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->versions, (std::vector<std::uint16_t>{0x0304, 0x0303}));
}

TEST(ClientHello, every_cut_of_it_is_nothing_or_without_extensions) {
  const Bytes whole = hello(3, {0, 9, 0, 43, 0, 5, 4, 3, 4, 3, 3});
  const std::size_t extensions = whole.size() - 11;
  ASSERT_TRUE(read_client_hello(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(read_client_hello({whole.data(), size}).has_value(), size == extensions) << size;
}

}  // namespace
}  // namespace sockwatch
