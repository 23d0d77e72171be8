// SPDX-License-Identifier: Apache-2.0
// Puts together the expressions of one rule, where a match of iptables takes several of nf_tables' own words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/reach/ruleset.h"

namespace sockwatch::firewall {

// The value as the kernel holds it in memory.
template <typename Number>
Constant machine_bytes(Number value) {
  Constant bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

inline Constant port_bytes(std::uint16_t port) {
  return {static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port)};
}

constexpr std::size_t width_of_address(IpFamily family) {
  return family == IpFamily::V4 ? 4 : 16;
}

class RuleWriter {
 public:
  using Range = std::pair<Constant, Constant>;

  // Sets without a name are added to the ruleset; it and the rule must outlive the writer.
  RuleWriter(Ruleset& rules, TableFamily family, std::string table, std::vector<Expression>& expressions)
      : rules_(rules), family_(family), table_(std::move(table)), expressions_(expressions) {}

  // An iptables rule sees one family only.
  IpFamily ip_family() const { return family_ == TableFamily::Ip6 ? IpFamily::V6 : IpFamily::V4; }

  void add(Expression expression) { expressions_.push_back(std::move(expression)); }
  void unknown(std::string what) { add(UnknownTest{std::move(what)}); }
  // What is in the first register is between these.
  void in_range(Constant first, Constant last, bool invert) {
    add(InRange{0, std::move(first), std::move(last), invert});
  }
  // What is in the first register, all of the same length, is in one of these.
  void in_any(std::vector<Range> ranges, bool invert);
  // (register & mask) == value
  void masked(const Constant& mask, const Constant& value, bool invert);
  // Some bit under the mask is set.
  void any_bit(const Constant& mask, bool invert);

 private:
  Ruleset& rules_;
  TableFamily family_;
  std::string table_;
  std::vector<Expression>& expressions_;
};

inline void RuleWriter::in_any(std::vector<Range> ranges, bool invert) {
  NamedSet set{.family = family_, .table = table_, .name = {}, .fields = {}, .intervals = true};
  set.name = "__anonymous" + std::to_string(rules_.sets.size());
  set.fields = {static_cast<std::uint8_t>(ranges.empty() ? 4 : ranges.front().first.size())};
  std::sort(ranges.begin(), ranges.end());
  for (Range& range : ranges) {
    const bool overlaps = !set.elements.empty() && range.first <= set.elements.back().last;
    if (!overlaps) {
      set.elements.push_back({std::move(range.first), std::move(range.second)});
    } else if (set.elements.back().last < range.second) {
      set.elements.back().last = std::move(range.second);
    }
  }
  add(Lookup{.from = 0, .set = set.name, .invert = invert});
  rules_.sets.push_back(std::move(set));
}

inline void RuleWriter::masked(const Constant& mask, const Constant& value, bool invert) {
  add(Bitwise{0, 0, mask, Constant(mask.size(), 0)});
  add(Compare{0, invert ? Comparison::NotEqual : Comparison::Equal, value});
}

inline void RuleWriter::any_bit(const Constant& mask, bool invert) {
  masked(mask, Constant(mask.size(), 0), !invert);
}

}  // namespace sockwatch::firewall
