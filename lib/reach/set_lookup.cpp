// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/set_lookup.h"

#include <algorithm>
#include <optional>
#include <span>
#include <tuple>

namespace sockwatch::firewall {
namespace {

std::size_t padded(std::size_t length) {
  return (length + 3) / 4 * 4;
}

bool says_the_same(const SetElement& a, const SetElement& b) {
  return a.data == b.data && a.verdict == b.verdict;
}

bool is_whole_address(Octets key, IpFamily family) {
  if (key.size() != width_of(family) / 8) return false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const Octet& octet = key[i];
    if (octet.of != Octet::Of::Address || octet.taken != 0xFF || octet.value != 0 || octet.index != i)
      return false;
  }
  return true;
}

AddressNumber number_from(const Constant& bytes) {
  AddressNumber number = 0;
  for (const std::uint8_t byte : bytes) number = (number << 8) | byte;
  return number;
}

// Each part of the key by itself, as intervals of concatenations are meant.
Truth is_element(const NamedSet& set, const SetElement& element, Octets key, IpFamily family) {
  const std::span<const std::uint8_t> first = element.first;
  const std::span<const std::uint8_t> last = element.last;
  if (first.size() != key.size() || last.size() != key.size()) return Truth::unknown();
  Truth truth = Truth::known(true);
  std::size_t at = 0;
  for (const std::uint8_t length : set.fields) {
    const std::size_t size = std::min<std::size_t>(length, key.size() - std::min(at, key.size()));
    truth = truth & within(key.subspan(at, size), first.subspan(at, size), last.subspan(at, size), family);
    if (truth.somehow.empty()) break;
    at = std::min(at + padded(length), key.size());
  }
  return truth;
}

// The one element that a key without holes is, if it is one.
const SetElement* find_exact(const NamedSet& set, const Constant& key) {
  const auto after = std::upper_bound(
      set.elements.begin(), set.elements.end(), key,
      [](const Constant& wanted, const SetElement& element) { return wanted < element.first; });
  if (after == set.elements.begin()) return nullptr;
  const SetElement& element = *std::prev(after);
  return element.first <= key && key <= element.last ? &element : nullptr;
}

}  // namespace

const SetLookup::Groups& SetLookup::groups_of(const NamedSet& set, IpFamily family) {
  const auto [found, is_new] = groups_.try_emplace({&set, family});
  if (!is_new) return found->second;
  std::vector<std::pair<std::vector<AddressSet::Range>, const SetElement*>> collected;
  for (const SetElement& element : set.elements) {
    auto group = std::find_if(collected.begin(), collected.end(),
                              [&](const auto& each) { return says_the_same(*each.second, element); });
    if (group == collected.end()) group = collected.insert(collected.end(), {{}, &element});
    group->first.push_back({number_from(element.first), number_from(element.last)});
  }
  for (auto& [ranges, element] : collected)
    found->second.emplace_back(AddressSet::of_ranges(std::move(ranges)), element);
  return found->second;
}

std::vector<SetHit> SetLookup::find(const NamedSet& set, Octets key, IpFamily family) {
  std::vector<SetHit> hits;
  Truth any = Truth::known(false);
  const auto add = [&](Truth truth, const SetElement& element) {
    if (truth.somehow.empty()) return;
    any = any | truth;
    hits.push_back({std::move(truth), &element});
  };
  const bool one_field = set.fields.size() < 2;
  if (all_exact(key) && (one_field || !set.intervals)) {
    Constant exact;
    for (const Octet& octet : key) exact.push_back(octet.value);
    if (const SetElement* element = find_exact(set, exact)) return {{Truth::known(true), element}};
  } else if (one_field && is_whole_address(key, family)) {
    for (const auto& [addresses, element] : groups_of(set, family)) add(Truth::exactly(addresses), *element);
  } else {
    for (const SetElement& element : set.elements) add(is_element(set, element, key, family), element);
  }
  if (set.everything_else) add(!any, *set.everything_else);
  return hits;
}

}  // namespace sockwatch::firewall
