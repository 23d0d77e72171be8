// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/set_lookup.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

std::vector<Octet> exactly(const Constant& bytes) {
  std::vector<Octet> octets;
  for (const std::uint8_t byte : bytes) octets.push_back(Octet::exactly(byte));
  return octets;
}

std::vector<Octet> sender() {
  return {Octet::address(0), Octet::address(1), Octet::address(2), Octet::address(3)};
}

std::vector<Octet> operator+(std::vector<Octet> a, const std::vector<Octet>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

SetElement element(const Constant& first, const Constant& last, const Constant& data = {}) {
  return {first, last, data, {}};
}

NamedSet ports() {
  return {.fields = {2},
          .intervals = true,
          .elements = {element(bytes_of(22), bytes_of(22)), element(bytes_of(80), bytes_of(90))}};
}

TEST(SetLookup, an_exact_key_is_in_an_interval_or_not) {
  SetLookup lookup;
  const NamedSet set = ports();
  EXPECT_EQ(lookup.find(set, exactly(bytes_of(85)), IpFamily::V4).size(), 1U);
  EXPECT_EQ(lookup.find(set, exactly(bytes_of(90)), IpFamily::V4).size(), 1U);
  EXPECT_TRUE(lookup.find(set, exactly(bytes_of(91)), IpFamily::V4).empty());
  EXPECT_TRUE(lookup.find(set, exactly(bytes_of(21)), IpFamily::V4).empty());
}

TEST(SetLookup, a_set_of_addresses_is_a_set_of_senders) {
  SetLookup lookup;
  const NamedSet set{
      .fields = {4},
      .intervals = true,
      .elements = {element({10, 0, 0, 0}, {10, 255, 255, 255}), element({192, 0, 2, 7}, {192, 0, 2, 7})}};
  const auto hits = lookup.find(set, sender(), IpFamily::V4);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].truth, Truth::exactly(addresses("10.0.0.0/8") | addresses("192.0.2.7")));
}

TEST(SetLookup, a_map_has_a_part_for_each_of_its_values) {
  SetLookup lookup;
  const NamedSet map{
      .fields = {4},
      .elements = {element({10, 0, 0, 1}, {10, 0, 0, 1}, {1}), element({10, 0, 0, 2}, {10, 0, 0, 2}, {2}),
                   element({10, 0, 0, 3}, {10, 0, 0, 3}, {1})}};
  const auto hits = lookup.find(map, sender(), IpFamily::V4);
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[0].truth, Truth::exactly(addresses("10.0.0.1") | addresses("10.0.0.3")));
  EXPECT_EQ(hits[1].element->data, Constant{2});
}

TEST(SetLookup, parts_of_a_key_are_intervals_of_their_own) {
  SetLookup lookup;
  const NamedSet set{.fields = {4, 2},
                     .intervals = true,
                     .elements = {element({10, 0, 0, 0, 0, 80, 0, 0}, {10, 0, 0, 255, 0, 90, 0, 0})}};
  const auto hits = lookup.find(set, sender() + exactly({0, 85, 0, 0}), IpFamily::V4);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].truth, Truth::exactly(addresses("10.0.0.0/24")));
  EXPECT_TRUE(lookup.find(set, sender() + exactly({0, 91, 0, 0}), IpFamily::V4).empty());
  // As one number 10.0.0.9 . 91 would lie between the ends.
  EXPECT_TRUE(lookup.find(set, exactly({10, 0, 0, 9, 0, 91, 0, 0}), IpFamily::V4).empty());
}

TEST(SetLookup, an_unknown_key_may_be_any_element_and_none) {
  SetLookup lookup;
  const NamedSet set = ports();
  const auto hits = lookup.find(set, std::vector<Octet>(2, Octet::unknown(1)), IpFamily::V4);
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_TRUE(hits[0].truth.must.empty());
  EXPECT_FALSE(hits[0].truth.may.empty());
}

TEST(SetLookup, everything_else_is_what_no_element_is) {
  SetLookup lookup;
  NamedSet set{.fields = {4}, .elements = {element({10, 0, 0, 1}, {10, 0, 0, 1})}};
  set.everything_else = SetElement{{}, {}, {7}, {}};
  const auto hits = lookup.find(set, sender(), IpFamily::V4);
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[1].element->data, Constant{7});
  EXPECT_EQ(hits[1].truth, !Truth::exactly(addresses("10.0.0.1")));
  EXPECT_EQ(lookup.find(set, exactly({10, 0, 0, 1}), IpFamily::V4).size(), 1U);
}

TEST(SetLookup, an_element_of_another_length_is_not_believed) {
  SetLookup lookup;
  const NamedSet set{.fields = {2, 2}, .intervals = true, .elements = {element({1}, {2})}};
  const auto hits = lookup.find(set, exactly({0, 1, 0, 0, 0, 2, 0, 0}), IpFamily::V4);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].truth, Truth::unknown());
}

}  // namespace
}  // namespace sockwatch::firewall
