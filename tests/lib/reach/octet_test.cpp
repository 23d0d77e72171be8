// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/octet.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

const AddressSet kEverything = AddressSet::everything();

std::vector<Octet> address_octets(std::uint8_t count, std::uint8_t from = 0) {
  std::vector<Octet> octets;
  for (std::uint8_t i = 0; i < count; ++i)
    octets.push_back(Octet::address(static_cast<std::uint8_t>(from + i)));
  return octets;
}

std::vector<Octet> port_octets() {
  return {Octet::port(0, 1), Octet::port(1, 1)};
}

TEST(Octet, a_mask_settles_what_it_clears) {
  EXPECT_EQ(Octet::exactly(0xA5).changed(0x0F, 0x01), Octet::exactly(0x04));
  const Octet cleared = Octet::unknown(4).changed(0x00, 0x80);
  EXPECT_TRUE(cleared.is_exact());
  EXPECT_EQ(cleared.value, 0x80);
  EXPECT_EQ(Octet::address(2).changed(0xF0, 0).taken, 0xF0);
}

TEST(Octet, exact_bytes_are_equal_or_not) {
  const std::vector<Octet> octets{Octet::exactly(1), Octet::exactly(2)};
  EXPECT_EQ(equal(octets, Constant{1, 2}, IpFamily::V4), Truth::known(true));
  EXPECT_EQ(equal(octets, Constant{1, 3}, IpFamily::V4), Truth::known(false));
}

TEST(Octet, bytes_of_the_address_are_a_set_of_senders) {
  EXPECT_EQ(equal(address_octets(1), Constant{10}, IpFamily::V4), Truth::exactly(addresses("10.0.0.0/8")));
  EXPECT_EQ(equal(address_octets(8), Constant{0x20, 1, 0xD, 0xB8, 0, 1, 0, 0}, IpFamily::V6),
            Truth::exactly(addresses("2001:db8:1::/64")));
  const Truth last = equal(address_octets(1, 3), Constant{7}, IpFamily::V4);
  EXPECT_EQ(last, Truth::unknown());  // 16 million ranges: nobody will say
}

TEST(Octet, a_turned_bit_is_looked_for_turned) {
  std::vector<Octet> octets = address_octets(4);
  for (Octet& octet : octets) octet = octet.changed(0xFF, 0xFF);
  EXPECT_EQ(equal(octets, Constant{0xF5, 0xFF, 0xFF, 0xFE}, IpFamily::V4),
            Truth::exactly(addresses("10.0.0.1")));
}

TEST(Octet, the_same_byte_twice_cannot_be_two_things) {
  const std::vector<Octet> octets{Octet::address(0), Octet::address(0)};
  EXPECT_EQ(equal(octets, Constant{10, 10}, IpFamily::V4), Truth::exactly(addresses("10.0.0.0/8")));
  EXPECT_EQ(equal(octets, Constant{10, 11}, IpFamily::V4), Truth::known(false));
}

TEST(Octet, what_a_sender_usually_does_he_may_do_otherwise) {
  const std::vector<Octet> octets{Octet::usually(0)};
  EXPECT_EQ(equal(octets, Constant{0}, IpFamily::V4), Truth::usually(true));
  EXPECT_EQ(equal(octets, Constant{1}, IpFamily::V4), Truth::usually(false));
}

TEST(Octet, an_unknown_bit_leaves_it_open_but_a_known_one_may_settle_it) {
  const std::vector<Octet> octets{{.value = 0x02, .known = 0x3F, .reasons = 4}};
  EXPECT_EQ(equal(octets, Constant{0x02}, IpFamily::V4), Truth::unknown());
  EXPECT_EQ(equal(octets, Constant{0x12}, IpFamily::V4), Truth::known(false));
  EXPECT_EQ(reasons_of(octets), 4U);
}

TEST(Octet, a_source_port_is_some_ordinary_one) {
  const std::vector<Octet> port = port_octets();
  EXPECT_EQ(within(port, bytes_of(0), bytes_of(65535), IpFamily::V4), Truth::known(true));
  EXPECT_EQ(within(port, bytes_of(1024), bytes_of(65535), IpFamily::V4),
            (Truth{{}, kEverything, kEverything, kEverything}));
  EXPECT_EQ(equal(port, bytes_of(53), IpFamily::V4), Truth::usually(false));
  EXPECT_EQ(equal(port, bytes_of(40000), IpFamily::V4), Truth::unknown());
}

TEST(Octet, a_range_of_addresses_is_one) {
  EXPECT_EQ(within(address_octets(4), Constant{10, 0, 0, 3}, Constant{10, 0, 0, 9}, IpFamily::V4),
            Truth::exactly(AddressSet::range(number_of(ip("10.0.0.3")), number_of(ip("10.0.0.9")))));
  EXPECT_EQ(within(address_octets(4, 4), Constant{0, 0, 0, 0}, Constant{1, 0, 0, 0}, IpFamily::V6),
            Truth::unknown());
}

TEST(Octet, numbers_are_compared_as_memory_is) {
  const std::vector<Octet> octets{Octet::exactly(1), Octet::exactly(0)};
  EXPECT_EQ(within(octets, Constant{0, 200}, Constant{1, 10}, IpFamily::V4), Truth::known(true));
  EXPECT_EQ(within(octets, Constant{1, 1}, Constant{2, 0}, IpFamily::V4), Truth::known(false));
}

TEST(Truth, not_and_and_or_keep_their_order) {
  const Truth ten = Truth::exactly(addresses("10.0.0.0/8"));
  EXPECT_EQ(!Truth::usually(true), Truth::usually(false));
  EXPECT_EQ(!Truth::unknown(), Truth::unknown());
  EXPECT_EQ(!!ten, ten);
  EXPECT_EQ(ten & Truth::unknown(), (Truth{{}, {}, addresses("10.0.0.0/8"), addresses("10.0.0.0/8")}));
  EXPECT_EQ(ten | Truth::known(true), Truth::known(true));
}

}  // namespace
}  // namespace sockwatch::firewall
