// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "lib/base/fnv.h"
#include "lib/policy/rule.h"

namespace sockwatch {
namespace {

// Fleets compare hashes of two versions, so these stay where they were before there was a table of
// properties.
constexpr std::array<std::string_view, 4> kHashedAbove{kNamespaceKey, "path", "interface", "promiscuous"};

// The order of a matcher's values means nothing, nor does one said twice.
void add_set(Fnv& hash, std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  hash.add_number(values.size());
  for (const std::string& value : values) hash.add(value);
}

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
    add_set(hash, words(rule.protocols));
    add_set(hash, ports(rule));
    add_set(hash, addresses(rule));
    for (const auto* globs :
         {&rule.units, &rule.exes, &rule.users, &rule.containers, &rule.values_of(kNamespaceKey)}) {
      add_set(hash, *globs);
    }
    // Later keys count where they are used: a policy without them keeps its hash.
    const auto& paths = rule.values_of("path");
    const auto& interfaces = rule.values_of("interface");
    const auto& promiscuous = rule.values_of("promiscuous");
    if (!paths.empty() || !interfaces.empty() || !promiscuous.empty()) {
      add_set(hash, paths);
      add_set(hash, interfaces);
      hash.add(promiscuous.empty() ? "" : promiscuous.front());
    }
    for (const auto& [name, values] : rule.properties) {
      if (std::find(kHashedAbove.begin(), kHashedAbove.end(), name) != kHashedAbove.end()) continue;
      hash.add(name);
      add_set(hash, values);
    }
  }
  return hash.hex();
}

}  // namespace sockwatch
