// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/address_set.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace sockwatch::firewall {
namespace {

constexpr AddressNumber kHighest = ~AddressNumber{0};
constexpr unsigned kMostFreeBits = 12;  // above a mask's lowest bit: 4096 ranges

unsigned trailing_zeros(AddressNumber number) {
  const auto low = static_cast<std::uint64_t>(number);
  if (low != 0) return static_cast<unsigned>(std::countr_zero(low));
  return 64 + static_cast<unsigned>(std::countr_zero(static_cast<std::uint64_t>(number >> 64)));
}

AddressNumber low_bits(unsigned count) {
  return count >= 128 ? kHighest : (AddressNumber{1} << count) - 1;
}

// The largest prefix that begins at `first` and does not pass `last`, as the number of its free bits.
unsigned free_bits_within(AddressNumber first, AddressNumber last, unsigned width) {
  unsigned bits = first == 0 ? width : std::min(trailing_zeros(first), width);
  while (bits > 0 && low_bits(bits) > last - first) --bits;
  return bits;
}

}  // namespace

AddressNumber number_of(const IpAddress& address) {
  AddressNumber number = 0;
  for (const std::uint8_t byte : address.significant()) number = (number << 8) | byte;
  return number;
}

IpAddress address_of(AddressNumber number, IpFamily family) {
  IpAddress address{family, {}};
  for (std::size_t i = address.significant().size(); i-- > 0; number >>= 8)
    address.bytes[i] = static_cast<std::uint8_t>(number);
  return address;
}

AddressSet AddressSet::all(IpFamily family) {
  return range(0, low_bits(width_of(family)));
}

AddressSet AddressSet::range(AddressNumber first, AddressNumber last) {
  AddressSet set;
  if (first <= last) set.ranges_.push_back({first, last});
  return set;
}

AddressSet AddressSet::prefix(const IpAddress& address, unsigned length) {
  const unsigned width = width_of(address.family);
  const AddressNumber rest = low_bits(width - std::min(length, width));
  const AddressNumber first = number_of(address) & ~rest;
  return range(first, first | rest);
}

AddressSet AddressSet::of_ranges(std::vector<Range> ranges) {
  std::erase_if(ranges, [](const Range& range) { return range.first > range.last; });
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  AddressSet set;
  for (const Range& range : ranges) {
    const bool joins = !set.ranges_.empty() &&
                       (set.ranges_.back().last == kHighest || range.first <= set.ranges_.back().last + 1);
    if (joins) {
      set.ranges_.back().last = std::max(set.ranges_.back().last, range.last);
    } else {
      set.ranges_.push_back(range);
    }
  }
  return set;
}

std::optional<AddressSet> AddressSet::masked(AddressNumber value, AddressNumber mask, IpFamily family) {
  const unsigned width = width_of(family);
  mask &= low_bits(width);
  if (mask == 0) return all(family);
  const unsigned tail = trailing_zeros(mask);  // free bits below the lowest fixed one: one range
  std::vector<unsigned> free;
  for (unsigned bit = tail; bit < width; ++bit) {
    if (((mask >> bit) & 1) == 0) free.push_back(bit);
  }
  if (free.size() > kMostFreeBits) return std::nullopt;
  std::vector<Range> ranges;
  for (std::uint32_t choice = 0; choice < (1U << free.size()); ++choice) {
    AddressNumber first = value & mask;
    for (std::size_t i = 0; i < free.size(); ++i) {
      if (((choice >> i) & 1) != 0) first |= AddressNumber{1} << free[i];
    }
    ranges.push_back({first, first | low_bits(tail)});
  }
  return of_ranges(std::move(ranges));
}

bool AddressSet::contains(AddressNumber number) const {
  const auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), number,
                       [](AddressNumber wanted, const Range& range) { return wanted < range.first; });
  return after != ranges_.begin() && number <= std::prev(after)->last;
}

bool AddressSet::contains(const AddressSet& other) const {
  return (other - *this).empty();
}

std::vector<std::string> AddressSet::prefixes(IpFamily family) const {
  const unsigned width = width_of(family);
  std::vector<std::string> texts;
  for (const Range& range : ranges_) {
    const AddressNumber last = std::min(range.last, low_bits(width));
    for (AddressNumber first = range.first; first <= last;) {
      const unsigned bits = free_bits_within(first, last, width);
      std::string text = to_string(address_of(first, family));
      if (bits > 0) text += "/" + std::to_string(width - bits);
      texts.push_back(std::move(text));
      if (last - first <= low_bits(bits)) break;  // the next one would pass the highest number
      first += low_bits(bits) + 1;
    }
  }
  return texts;
}

AddressSet operator|(const AddressSet& a, const AddressSet& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  std::vector<AddressSet::Range> ranges = a.ranges_;
  ranges.insert(ranges.end(), b.ranges_.begin(), b.ranges_.end());
  return AddressSet::of_ranges(std::move(ranges));
}

AddressSet operator&(const AddressSet& a, const AddressSet& b) {
  AddressSet both;
  for (auto x = a.ranges_.begin(), y = b.ranges_.begin(); x != a.ranges_.end() && y != b.ranges_.end();) {
    const AddressNumber first = std::max(x->first, y->first);
    const AddressNumber last = std::min(x->last, y->last);
    if (first <= last) both.ranges_.push_back({first, last});
    (x->last < y->last ? x : y)++;
  }
  return both;
}

AddressSet operator-(const AddressSet& a, const AddressSet& b) {
  AddressSet rest;
  auto hole = b.ranges_.begin();
  for (AddressSet::Range range : a.ranges_) {
    while (hole != b.ranges_.end() && hole->last < range.first) ++hole;
    bool swallowed = false;
    for (auto next = hole; next != b.ranges_.end() && next->first <= range.last; ++next) {
      if (next->first > range.first) rest.ranges_.push_back({range.first, next->first - 1});
      swallowed = next->last >= range.last;
      if (swallowed) break;
      range.first = next->last + 1;
    }
    if (!swallowed) rest.ranges_.push_back(range);
  }
  return rest;
}

}  // namespace sockwatch::firewall
