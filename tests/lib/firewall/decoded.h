// SPDX-License-Identifier: Apache-2.0
// What a decoder made of an expression, a match or a target.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "lib/firewall/rule_writer.h"

namespace sockwatch::firewall {

class Decoded {
 public:
  explicit Decoded(TableFamily family = TableFamily::Ip) : writer_(rules_, family, "filter", expressions_) {}

  RuleWriter& writer() { return writer_; }
  std::size_t size() const { return expressions_.size(); }
  // Fails the test where the expression is another one.
  template <typename E>
  const E& at(std::size_t index) const {
    static const E kNone{};
    const E* found = index < expressions_.size() ? std::get_if<E>(&expressions_[index]) : nullptr;
    EXPECT_NE(found, nullptr) << "expression " << index << " of " << expressions_.size();
    return found == nullptr ? kNone : *found;
  }
  const NamedSet& only_set() const {
    static const NamedSet kNone;
    EXPECT_EQ(rules_.sets.size(), 1U);
    return rules_.sets.empty() ? kNone : rules_.sets.front();
  }

 private:
  Ruleset rules_;
  std::vector<Expression> expressions_;
  RuleWriter writer_;
};

template <typename Struct>
std::vector<std::byte> bytes_of_struct(const Struct& value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

}  // namespace sockwatch::firewall
