// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/registers.h"

#include <algorithm>
#include <cstring>

namespace sockwatch::firewall {

Octets octets_at(const Registers& registers, Register from, std::size_t length) {
  const std::size_t begin = std::min<std::size_t>(from, kRegisterBytes);
  return Octets(registers).subspan(begin, std::min(length, kRegisterBytes - begin));
}

void pad(Registers& registers, std::size_t end) {
  for (; end % 4 != 0 && end < kRegisterBytes; ++end) registers[end] = Octet::exactly(0);
}

void write(Registers& registers, Register to, std::span<const std::uint8_t> bytes) {
  std::size_t at = to;
  for (const std::uint8_t byte : bytes) {
    if (at < kRegisterBytes) registers[at++] = Octet::exactly(byte);
  }
  pad(registers, at);
}

void write_unknown(Registers& registers, Register to, std::size_t length, ReasonSet why) {
  for (std::size_t at = to; at < std::min<std::size_t>(to + length, kRegisterBytes); ++at)
    registers[at] = Octet::unknown(why);
}

std::optional<Constant> exact_value(const Registers& registers, Register from, std::size_t length) {
  const Octets octets = octets_at(registers, from, length);
  if (octets.size() != length || !all_exact(octets)) return std::nullopt;
  Constant value;
  for (const Octet& octet : octets) value.push_back(octet.value);
  return value;
}

std::optional<IpAddress> exact_address(const Registers& registers, Register from, IpFamily family) {
  const auto value = exact_value(registers, from, width_of(family) / 8);
  if (!value) return std::nullopt;
  IpAddress address{family, {}};
  std::copy(value->begin(), value->end(), address.bytes.begin());
  return address;
}

std::optional<std::uint16_t> exact_port(const Registers& registers, Register from) {
  const auto value = exact_value(registers, from, sizeof(std::uint16_t));
  if (!value) return std::nullopt;
  return static_cast<std::uint16_t>((*value)[0] * 256U + (*value)[1]);
}

std::optional<std::uint32_t> exact_number(const Registers& registers, Register from) {
  const auto value = exact_value(registers, from, sizeof(std::uint32_t));
  if (!value) return std::nullopt;
  std::uint32_t number = 0;
  std::memcpy(&number, value->data(), sizeof number);
  return number;
}

void perform(const Bitwise& bitwise, Registers& registers) {
  const std::size_t length = std::min(bitwise.mask.size(), bitwise.flip.size());
  for (std::size_t i = 0; i < length && bitwise.from + i < kRegisterBytes && bitwise.to + i < kRegisterBytes;
       ++i)
    registers[bitwise.to + i] = registers[bitwise.from + i].changed(bitwise.mask[i], bitwise.flip[i]);
}

void perform(const ByteOrder& order, Registers& registers) {
  if (order.unit == 0) return;
  const Registers before = registers;
  for (std::size_t i = 0; i < order.length; ++i) {
    const std::size_t from = order.from + i / order.unit * order.unit + (order.unit - 1U - i % order.unit);
    if (from < kRegisterBytes && order.to + i < kRegisterBytes) registers[order.to + i] = before[from];
  }
}

bool perform(const Shift& shift, Registers& registers) {
  // The kernel shifts numbers of four bytes in the machine's order; one of them is all that is used in
  // practice.
  const auto number = exact_number(registers, shift.from);
  if (!number || shift.length != sizeof(std::uint32_t) || shift.bits >= 32) return false;
  const std::uint32_t shifted = shift.left ? *number << shift.bits : *number >> shift.bits;
  std::array<std::uint8_t, sizeof shifted> bytes{};
  std::memcpy(bytes.data(), &shifted, sizeof shifted);
  write(registers, shift.to, bytes);
  return true;
}

}  // namespace sockwatch::firewall
