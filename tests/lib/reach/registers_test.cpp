// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/registers.h"

#include <gtest/gtest.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

TEST(Registers, what_is_written_is_read_and_the_rest_of_four_bytes_is_zero) {
  Registers registers{};
  write(registers, 4, Constant{1, 2});
  EXPECT_EQ(exact_value(registers, 4, 4), (Constant{1, 2, 0, 0}));
  EXPECT_EQ(exact_port(registers, 4), 0x0102);
  EXPECT_EQ(exact_value(registers, 0, 4), std::nullopt);
}

TEST(Registers, nothing_is_written_or_read_past_the_last) {
  Registers registers{};
  write(registers, 60, Constant(16, 7));
  write_unknown(registers, 200, 16, 1);
  EXPECT_EQ(octets_at(registers, 60, 16).size(), 4U);
  EXPECT_TRUE(octets_at(registers, 200, 4).empty());
  EXPECT_EQ(exact_value(registers, 60, 16), std::nullopt);
  perform(Bitwise{60, 60, Constant(16, 1), Constant(16, 0)}, registers);
  perform(ByteOrder{60, 60, 64, 8}, registers);
}

TEST(Registers, one_unknown_bit_makes_a_value_unknown) {
  Registers registers{};
  write(registers, 0, Constant{198, 51, 100, 1});
  EXPECT_EQ(exact_address(registers, 0, IpFamily::V4), ip("198.51.100.1"));
  registers[2].known = 0x7F;
  EXPECT_EQ(exact_address(registers, 0, IpFamily::V4), std::nullopt);
}

TEST(Registers, masks_turns_and_shifts) {
  Registers registers{};
  write(registers, 0, Constant{0x12, 0x34, 0, 0});
  perform(ByteOrder{0, 4, 2, 2}, registers);
  EXPECT_EQ(exact_value(registers, 4, 2), (Constant{0x34, 0x12}));
  perform(Bitwise{0, 0, Constant{0xF0, 0, 0, 0}, Constant{1, 0, 0, 0}}, registers);
  EXPECT_EQ(exact_number(registers, 0), 0x11U);
  EXPECT_TRUE(perform(Shift{0, 8, 4, 4, true}, registers));
  EXPECT_EQ(exact_number(registers, 8), 0x110U);
  EXPECT_FALSE(perform(Shift{0, 8, 4, 32, true}, registers));
  registers[0].known = 0;
  EXPECT_FALSE(perform(Shift{0, 8, 4, 4, false}, registers));
}

}  // namespace
}  // namespace sockwatch::firewall
