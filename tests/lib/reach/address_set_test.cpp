// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/address_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

using Texts = std::vector<std::string>;

TEST(AddressSet, a_prefix_holds_its_addresses_and_no_others) {
  const AddressSet set = addresses("10.0.0.0/8");
  EXPECT_TRUE(set.contains(number_of(ip("10.255.255.255"))));
  EXPECT_FALSE(set.contains(number_of(ip("11.0.0.0"))));
  EXPECT_EQ(set.prefixes(IpFamily::V4), Texts{"10.0.0.0/8"});
  EXPECT_EQ(addresses("2001:db8::/32").prefixes(IpFamily::V6), Texts{"2001:db8::/32"});
}

TEST(AddressSet, what_is_cut_out_leaves_the_fewest_prefixes) {
  EXPECT_EQ((addresses("10.0.0.0/30") - addresses("10.0.0.1")).prefixes(IpFamily::V4),
            (Texts{"10.0.0.0", "10.0.0.2/31"}));
  EXPECT_EQ(AddressSet::all(IpFamily::V4).prefixes(IpFamily::V4), Texts{"0.0.0.0/0"});
  EXPECT_EQ(AddressSet::all(IpFamily::V6).prefixes(IpFamily::V6), Texts{"::/0"});
  EXPECT_EQ(AddressSet().prefixes(IpFamily::V4), Texts{});
}

TEST(AddressSet, neighbours_become_one_range) {
  const AddressSet set = addresses("10.0.0.0/9") | addresses("10.128.0.0/9");
  EXPECT_EQ(set, addresses("10.0.0.0/8"));
  EXPECT_EQ(set.ranges().size(), 1U);
}

TEST(AddressSet, everything_minus_something_and_back_again) {
  const AddressSet all = AddressSet::everything();
  const AddressSet some = addresses("2001:db8::/32") | addresses("fe80::/10");
  EXPECT_EQ(all - (all - some), some);
  EXPECT_TRUE(((all - some) & some).empty());
  EXPECT_EQ((all - some) | some, all);
}

TEST(AddressSet, a_mask_that_is_no_prefix_is_many_ranges) {
  const auto odd = AddressSet::masked(1, 0xFFFFFF01, IpFamily::V4);  // 0.0.0.x, x odd
  ASSERT_TRUE(odd.has_value());
  EXPECT_EQ(odd->ranges().size(), 128U);
  EXPECT_TRUE(odd->contains(3));
  EXPECT_FALSE(odd->contains(4));
  EXPECT_EQ(AddressSet::masked(1, 1, IpFamily::V4), std::nullopt);  // two thousand million
  EXPECT_EQ(AddressSet::masked(0, 0, IpFamily::V4), AddressSet::all(IpFamily::V4));
}

TEST(AddressSet, agrees_with_sets_of_numbers) {
  std::mt19937 random(7);
  const auto some = [&random] {
    std::vector<AddressSet::Range> ranges;
    for (int i = 0; i < 4; ++i) {
      const AddressNumber first = random() % 64;
      ranges.push_back({first, first + random() % 9});
    }
    return AddressSet::of_ranges(ranges);
  };
  for (int round = 0; round < 500; ++round) {
    const AddressSet a = some();
    const AddressSet b = some();
    for (AddressNumber each = 0; each < 80; ++each) {
      EXPECT_EQ((a | b).contains(each), a.contains(each) || b.contains(each));
      EXPECT_EQ((a & b).contains(each), a.contains(each) && b.contains(each));
      EXPECT_EQ((a - b).contains(each), a.contains(each) && !b.contains(each));
    }
  }
}

TEST(AddressSet, a_number_is_its_address_again) {
  for (const char* text :
       {"0.0.0.0", "198.51.100.7", "::", "2001:db8::5", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    const IpAddress address = ip(text);
    EXPECT_EQ(address_of(number_of(address), address.family), address);
  }
}

}  // namespace
}  // namespace sockwatch::firewall
