// SPDX-License-Identifier: Apache-2.0
// A set of IP addresses of one family, as ranges of numbers: what is left of "everybody" after each rule. Any
// mixture of prefixes, ranges and exceptions is exact. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/model/endpoint.h"

namespace sockwatch::firewall {

// An address in network order, read as a number: IPv4 takes the lowest 32 bits.
__extension__ typedef unsigned __int128 AddressNumber;

AddressNumber number_of(const IpAddress& address);
// An IPv6 number stays IPv6 even where it looks like a mapped IPv4 address.
IpAddress address_of(AddressNumber number, IpFamily family);
constexpr unsigned width_of(IpFamily family) {
  return family == IpFamily::V4 ? 32 : 128;
}

class AddressSet {
 public:
  struct Range {
    AddressNumber first = 0;
    AddressNumber last = 0;

    friend bool operator==(const Range&, const Range&) = default;
  };

  AddressSet() = default;  // nobody
  static AddressSet all(IpFamily family);
  // Of whatever family: the other side of a complement.
  static AddressSet everything() { return range(0, ~AddressNumber{0}); }
  static AddressSet range(AddressNumber first, AddressNumber last);
  static AddressSet of(const IpAddress& address) { return range(number_of(address), number_of(address)); }
  static AddressSet prefix(const IpAddress& address, unsigned length);
  // In any order, overlapping or not.
  static AddressSet of_ranges(std::vector<Range> ranges);
  // Addresses whose bits under `mask` are `value`. Nothing where that takes too many ranges: a mask with
  // holes.
  static std::optional<AddressSet> masked(AddressNumber value, AddressNumber mask, IpFamily family);

  bool empty() const { return ranges_.empty(); }
  bool contains(AddressNumber number) const;
  bool contains(const AddressSet& other) const;
  const std::vector<Range>& ranges() const { return ranges_; }

  // The fewest prefixes that say the same: "10.0.0.0/8"; a single address has no length.
  std::vector<std::string> prefixes(IpFamily family) const;

  friend AddressSet operator|(const AddressSet& a, const AddressSet& b);
  friend AddressSet operator&(const AddressSet& a, const AddressSet& b);
  friend AddressSet operator-(const AddressSet& a, const AddressSet& b);
  friend bool operator==(const AddressSet&, const AddressSet&) = default;

 private:
  std::vector<Range> ranges_;  // sorted, disjoint, never adjacent
};

}  // namespace sockwatch::firewall
