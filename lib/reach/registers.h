// SPDX-License-Identifier: Apache-2.0
// The registers that the expressions of a rule work on. Reading and writing past the last one is cut off: a
// ruleset is foreign input. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "lib/reach/expression.h"
#include "lib/reach/octet.h"

namespace sockwatch::firewall {

using Registers = std::array<Octet, kRegisterBytes>;

// Fewer where the registers end first.
Octets octets_at(const Registers& registers, Register from, std::size_t length);
// Values begin at multiples of four; what is left behind the last byte is zero, as the kernel leaves it.
void pad(Registers& registers, std::size_t end);
void write(Registers& registers, Register to, std::span<const std::uint8_t> bytes);
void write_unknown(Registers& registers, Register to, std::size_t length, ReasonSet why);

// Nothing where some bit of it is not known.
std::optional<Constant> exact_value(const Registers& registers, Register from, std::size_t length);
std::optional<IpAddress> exact_address(const Registers& registers, Register from, IpFamily family);
std::optional<std::uint16_t> exact_port(const Registers& registers, Register from);
std::optional<std::uint32_t> exact_number(const Registers& registers, Register from);  // in machine order

void perform(const Bitwise& bitwise, Registers& registers);
void perform(const ByteOrder& order, Registers& registers);
// False where the number is not known; `to` is untouched then.
bool perform(const Shift& shift, Registers& registers);

}  // namespace sockwatch::firewall
