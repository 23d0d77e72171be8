// SPDX-License-Identifier: Apache-2.0
#include "lib/model/endpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(IpAddress, is_shown_in_the_one_canonical_form) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"127.0.0.1", "127.0.0.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"2001:DB8::0001", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"fe80::0:1", "fe80::1"},
      {"::ffff:10.1.2.3", "10.1.2.3"},  // v4-mapped is IPv4
      {"::ffff:0:0", "0.0.0.0"},
      {"::fffe:10.1.2.3", "::fffe:a01:203"},
  };
  for (const auto& [text, shown] : cases) {
    const auto address = parse_ip_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), shown);
    EXPECT_EQ(parse_ip_address(shown), address);
  }
}

TEST(IpAddress, other_text_is_no_address) {
  const std::string bad[] = {
      "",           " 127.0.0.1", "127.0.0.1 ", "127.0.1",   "127.0.0.256", "127.0.0.0.1",
      "0x7f.0.0.1", "localhost",  "*",          "1::2::3",   "12345::",     ":::",
      "[::1]",      "fe80::1%2",  "::1/128",    "1.2.3.4/8", "1.2.3.4:80",  "::ffff:1.2.3"};
  for (const std::string& text : bad) EXPECT_EQ(parse_ip_address(text), std::nullopt) << text;
  EXPECT_EQ(parse_ip_address(std::string_view("127.0.0.1\0.9", 12)), std::nullopt);
}

TEST(IpAddress, v4_mapped_equals_the_v4_address_it_stands_for) {
  EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
  EXPECT_EQ(ip("::ffff:192.0.2.1").family, IpFamily::V4);
  EXPECT_NE(ip("::192.0.2.1"), ip("192.0.2.1"));
}

TEST(IpAddress, the_wildcards_of_both_families_are_unspecified_and_differ) {
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
  EXPECT_TRUE(ip("::").is_unspecified());
  EXPECT_NE(ip("0.0.0.0"), ip("::"));
  EXPECT_FALSE(ip("::1").is_unspecified());
  EXPECT_FALSE(ip("0.0.0.1").is_unspecified());
}

TEST(IpAddress, significant_bytes_are_those_of_its_family) {
  const auto v4 = ip("10.1.2.3");
  EXPECT_EQ(std::vector<std::uint8_t>(v4.significant().begin(), v4.significant().end()),
            (std::vector<std::uint8_t>{10, 1, 2, 3}));
  EXPECT_EQ(ip("::1").significant().size(), 16U);
}

TEST(Endpoint, is_shown_with_brackets_where_the_colons_would_be_ambiguous) {
  EXPECT_EQ(to_string(Endpoint{ip("127.0.0.1"), 80, 0}), "127.0.0.1:80");
  EXPECT_EQ(to_string(Endpoint{ip("0.0.0.0"), 65535, 3}), "0.0.0.0%3:65535");
  EXPECT_EQ(to_string(Endpoint{ip("::1"), 80, 0}), "[::1]:80");
  EXPECT_EQ(to_string(Endpoint{ip("fe80::1"), 0, 2}), "[fe80::1%2]:0");
}

TEST(Endpoint, orders_by_address_then_port_then_interface) {
  const std::vector<Endpoint> sorted = {
      {ip("10.0.0.1"), 443, 0}, {ip("10.0.0.2"), 80, 0}, {ip("10.0.0.2"), 80, 1},
      {ip("10.0.0.2"), 81, 0},  {ip("::"), 1, 0},        {ip("::1"), 1, 0},
  };
  EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
}

}  // namespace
}  // namespace sockwatch
