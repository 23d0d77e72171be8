// SPDX-License-Identifier: Apache-2.0
// Messages of nf_tables, one by one, made into a ruleset. libnftnl parses them; what it cannot parse stays in
// the ruleset as something undecidable. Pure; any message whose length is that of its bytes is safe to pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lib/reach/ruleset.h"

struct nlmsghdr;

namespace sockwatch::firewall {

class RulesetBuilder {
 public:
  // Chains first, then rules, in the order the kernel sends them.
  void add_chain(const nlmsghdr& message);
  void add_rule(const nlmsghdr& message);
  void add_set(const nlmsghdr& message);
  // Of a set that was added.
  void add_elements(const nlmsghdr& message);

  struct SetName {
    std::uint32_t family = 0;  // NFPROTO_*
    std::string table;
    std::string name;
  };
  const std::vector<SetName>& set_names() const { return set_names_; }
  // Its elements could not be read.
  void give_up_set(const SetName& name, const std::string& why);

  // Linked.
  Ruleset take(std::uint32_t generation);

 private:
  using Name = std::tuple<TableFamily, std::string, std::string>;
  struct Element {
    SetElement element;
    bool ends_interval = false;
  };
  struct OpenSet {
    std::size_t index = 0;  // into rules_.sets
    std::vector<Element> elements;
  };
  static void close_set(NamedSet& set, std::vector<Element> elements);

  Ruleset rules_;
  std::map<Name, std::size_t> chains_;
  std::map<Name, OpenSet> sets_;
  std::vector<SetName> set_names_;
  std::size_t elements_ = 0;
};

}  // namespace sockwatch::firewall
