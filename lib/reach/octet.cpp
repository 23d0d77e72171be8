// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/octet.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace sockwatch::firewall {
namespace {

// Ordinary programs send from a port above these, whatever their system's ephemeral range is.
constexpr std::uint32_t kFirstOrdinaryPort = 1024;
constexpr std::uint32_t kLastPort = 65535;

bool is_whole_port(Octets octets) {
  return octets.size() == 2 &&
         std::all_of(
             octets.begin(), octets.end(),
             [](const Octet& o) { return o.of == Octet::Of::Port && o.taken == 0xFF && o.value == 0; }) &&
         octets[0].index == 0 && octets[1].index == 1;
}

// The leading bytes of the address, unchanged.
bool begins_address(Octets octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const Octet& octet = octets[i];
    if (octet.of != Octet::Of::Address || octet.taken != 0xFF || octet.value != 0 || octet.index != i)
      return false;
  }
  return !octets.empty();
}

Truth port_within(std::span<const std::uint8_t> first, std::span<const std::uint8_t> last) {
  const std::uint32_t low = first[0] * 256U + first[1];
  const std::uint32_t high = last[0] * 256U + last[1];
  const auto set = [](bool holds) { return holds ? AddressSet::everything() : AddressSet(); };
  return {set(low == 0 && high == kLastPort), set(low <= kFirstOrdinaryPort && high == kLastPort),
          set(high >= kFirstOrdinaryPort && low <= high), set(low <= high)};
}

AddressNumber number_from(std::span<const std::uint8_t> bytes, std::uint8_t fill, IpFamily family) {
  AddressNumber number = 0;
  for (std::size_t i = 0; i < width_of(family) / 8; ++i)
    number = (number << 8) | (i < bytes.size() ? bytes[i] : fill);
  return number;
}

std::vector<std::uint8_t> values_of(Octets octets) {
  std::vector<std::uint8_t> values;
  for (const Octet& octet : octets) values.push_back(octet.value);
  return values;
}

}  // namespace

Octet Octet::changed(std::uint8_t mask, std::uint8_t flip) const {
  Octet result = *this;
  result.value = static_cast<std::uint8_t>((value & mask) ^ flip);
  result.known = static_cast<std::uint8_t>(known | ~mask);
  result.usual = usual & mask;
  result.taken = taken & mask;
  if (result.taken == 0) result.of = Of::Nothing;
  if (result.is_exact()) result.reasons = 0;
  return result;
}

bool all_exact(Octets octets) {
  return std::all_of(octets.begin(), octets.end(), [](const Octet& octet) { return octet.is_exact(); });
}

ReasonSet reasons_of(Octets octets) {
  ReasonSet reasons = 0;
  for (const Octet& octet : octets) {
    if (!octet.is_exact()) reasons |= octet.reasons;
  }
  return reasons;
}

Truth equal(Octets octets, std::span<const std::uint8_t> value, IpFamily family) {
  if (is_whole_port(octets)) return port_within(value, value);
  bool exact = true;  // no bit is left to chance
  bool free = false;  // some are left to the sender
  bool usual = true;  // those an ordinary one sends are the ones that are wanted
  AddressNumber mask = 0;
  AddressNumber wanted = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const Octet& octet = octets[i];
    const auto differs = static_cast<std::uint8_t>(octet.value ^ value[i]);
    if ((differs & octet.known) != 0) return Truth::known(false);
    if (octet.usual != 0) free = true;
    if ((differs & octet.usual) != 0) usual = false;
    const bool of_address = octet.of == Octet::Of::Address;
    const auto decided =
        static_cast<std::uint8_t>(octet.known | octet.usual | (of_address ? octet.taken : 0));
    if (decided != 0xFF) exact = false;
    if (!of_address) continue;
    const unsigned shift = width_of(family) - 8 * (octet.index + 1U);
    // Two bytes of a register may come from the same byte of the address.
    const AddressNumber bits = AddressNumber{octet.taken} << shift;
    const AddressNumber are = AddressNumber{static_cast<std::uint8_t>(differs & octet.taken)} << shift;
    if (((wanted ^ are) & mask & bits) != 0) return Truth::known(false);
    mask |= bits;
    wanted |= are;
  }
  const auto who = mask == 0 ? AddressSet::everything() : AddressSet::masked(wanted, mask, family);
  if (!who) return Truth::unknown();
  const AddressSet nobody;
  return {exact && !free ? *who : nobody, exact && usual ? *who : nobody, usual ? *who : nobody, *who};
}

Truth within(Octets octets, std::span<const std::uint8_t> first, std::span<const std::uint8_t> last,
             IpFamily family) {
  if (std::equal(first.begin(), first.end(), last.begin(), last.end())) return equal(octets, first, family);
  if (is_whole_port(octets)) return port_within(first, last);
  if (begins_address(octets))
    return Truth::exactly(AddressSet::range(number_from(first, 0, family), number_from(last, 0xFF, family)));
  const bool settled = std::all_of(octets.begin(), octets.end(), [](const Octet& octet) {
    return static_cast<std::uint8_t>(octet.known | octet.usual) == 0xFF;
  });
  if (!settled) return Truth::unknown();
  const std::vector<std::uint8_t> values = values_of(octets);
  const bool holds = std::memcmp(values.data(), first.data(), values.size()) >= 0 &&
                     std::memcmp(values.data(), last.data(), values.size()) <= 0;
  return all_exact(octets) ? Truth::known(holds) : Truth::usually(holds);
}

}  // namespace sockwatch::firewall
