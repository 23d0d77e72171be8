// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "lib/policy/rule.h"

namespace sockwatch {
namespace {

// FNV-1a, 64 bits: not secret and not against forgery, only to compare machines.
class Fnv {
 public:
  void add(std::string_view text) {
    add_number(text.size());  // so that "ab", "c" is not "a", "bc"
    for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
  }
  void add_number(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) add_byte(static_cast<std::uint8_t>(number >> shift));
  }
  // The order of a matcher's values means nothing, nor does one said twice.
  void add_set(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    add_number(values.size());
    for (const std::string& value : values) add(value);
  }
  std::string hexadecimal() const {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(state_ >> shift) & 0xF];
    return text;
  }

 private:
  void add_byte(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3U; }

  std::uint64_t state_ = 0xcbf29ce484222325U;
};

template <typename E>
std::vector<std::string> words(const std::vector<E>& values) {
  std::vector<std::string> texts;
  for (const E value : values) texts.emplace_back(word(value));
  return texts;
}

std::vector<std::string> addresses(const Rule& rule) {
  std::vector<std::string> texts = words(rule.scopes);
  for (const Network& network : rule.networks) texts.push_back(to_string(network));
  return texts;
}

std::vector<std::string> ports(const Rule& rule) {
  std::vector<std::string> texts;
  if (rule.assigned_ports) texts.emplace_back("assigned");
  for (const PortRange& range : rule.ports) {
    std::string text = std::to_string(range.first) + "-" + std::to_string(range.last);
    if (range.protocol) text += "/" + std::string(word(*range.protocol));
    texts.push_back(text);
  }
  return texts;
}

}  // namespace

std::string policy_hash(const Policy& policy) {
  Fnv hash;
  hash.add(word(policy.default_action));
  for (const Rule& rule : policy.rules) {
    hash.add(rule.name);
    hash.add(word(rule.action));
    hash.add(word(rule.severity));
    hash.add_number(rule.required ? 1 : 0);
    hash.add_set(words(rule.protocols));
    hash.add_set(ports(rule));
    hash.add_set(addresses(rule));
    for (const auto* globs : {&rule.units, &rule.exes, &rule.users, &rule.containers, &rule.namespaces}) {
      hash.add_set(*globs);
    }
  }
  return hash.hexadecimal();
}

}  // namespace sockwatch
