// SPDX-License-Identifier: Apache-2.0
// One byte of a header or a register, as far as it is known: bits of a known value, bits of the sender's
// address or port, bits that senders choose but nearly always the same way, and bits nobody can know. Masks
// and exclusive-ors keep all of that exact. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "lib/reach/truth.h"

namespace sockwatch::firewall {

// Reasons why something cannot be known, as a set of small numbers (reasons.h).
using ReasonSet = std::uint64_t;

struct Octet {
  enum class Of : std::uint8_t { Nothing, Address, Port };

  std::uint8_t value = 0;  // of known and usual bits; of taken ones whether they are turned over
  std::uint8_t known = 0;  // bits that have their value for certain
  std::uint8_t usual = 0;  // bits that have it if the sender is an ordinary one
  std::uint8_t taken = 0;  // bits that are those of the sender's address or port
  Of of = Of::Nothing;
  std::uint8_t index = 0;  // the byte of that address or port
  ReasonSet reasons = 0;   // why the others are not known

  static Octet exactly(std::uint8_t value) { return {.value = value, .known = 0xFF}; }
  static Octet usually(std::uint8_t value) { return {.value = value, .usual = 0xFF}; }
  static Octet address(std::uint8_t index) { return {.taken = 0xFF, .of = Of::Address, .index = index}; }
  static Octet port(std::uint8_t index, ReasonSet reasons) {
    return {.taken = 0xFF, .of = Of::Port, .index = index, .reasons = reasons};
  }
  static Octet unknown(ReasonSet reasons) { return {.reasons = reasons}; }

  bool is_exact() const { return known == 0xFF; }
  // (octet & mask) ^ flip
  Octet changed(std::uint8_t mask, std::uint8_t flip) const;

  friend bool operator==(const Octet&, const Octet&) = default;
};

using Octets = std::span<const Octet>;

bool all_exact(Octets octets);
// Why a test of them cannot be decided.
ReasonSet reasons_of(Octets octets);

// Both as long as the octets. Compared as the kernel does, byte by byte from the first (memcmp).
Truth equal(Octets octets, std::span<const std::uint8_t> value, IpFamily family);
Truth within(Octets octets, std::span<const std::uint8_t> first, std::span<const std::uint8_t> last,
             IpFamily family);

}  // namespace sockwatch::firewall
