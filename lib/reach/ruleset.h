// SPDX-License-Identifier: Apache-2.0
// All that a network namespace's nf_tables hold, of one generation. Values only; link() makes names into
// numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/words.h"
#include "lib/reach/expression.h"

namespace sockwatch {
namespace firewall {

enum class TableFamily : std::uint8_t { Ip, Ip6, Inet, Arp, Bridge, Netdev };

enum class Hook : std::uint8_t { Ingress, Prerouting, Input, Forward, Output, Postrouting, Egress };

}  // namespace firewall

template <>
struct Words<firewall::TableFamily> {
  static constexpr std::array<std::string_view, 6> values = {"ip", "ip6", "inet", "arp", "bridge", "netdev"};
};
template <>
struct Words<firewall::Hook> {
  static constexpr std::array<std::string_view, 7> values = {"ingress", "prerouting",  "input", "forward",
                                                             "output",  "postrouting", "egress"};
};

}  // namespace sockwatch

namespace sockwatch::firewall {

struct Rule {
  std::uint64_t handle = 0;
  std::vector<Expression> expressions{};
  std::string comment{};
};

struct BaseChain {
  Hook hook = Hook::Input;
  std::int32_t priority = 0;
  bool is_nat = false;
  bool drops = false;                  // the policy for what no rule decides
  std::vector<std::string> devices{};  // of ingress and egress
};

struct Chain {
  TableFamily family = TableFamily::Inet;
  std::string table{};
  std::string name{};
  std::optional<BaseChain> base{};
  std::vector<Rule> rules{};
};

struct SetElement {
  Constant first{};  // a key; of an interval both ends belong to it
  Constant last{};
  Constant data{};  // of a map
  Verdict verdict{};
};

struct NamedSet {
  TableFamily family = TableFamily::Inet;
  std::string table{};
  std::string name{};
  std::vector<std::uint8_t> fields{};  // lengths of the parts of a key, each begins at a multiple of four
  bool intervals = false;
  std::vector<SetElement> elements{};           // sorted by `first`
  std::optional<SetElement> everything_else{};  // "*"
  std::string unreadable{};                     // why its elements are not known; empty: they are
};

struct Ruleset {
  std::vector<Chain> chains{};
  std::vector<NamedSet> sets{};
  std::uint32_t generation = 0;
  std::vector<std::string> unread{};  // what decides, too, and is not in here: "legacy iptables"

  // Finds what verdicts and lookups name. What is not there becomes Undecidable where it is used. Once,
  // before anything is evaluated.
  void link();
  std::size_t rule_count() const;
};

// "ip filter DOCKER, handle 12"; of a policy: "ip filter INPUT, policy drop".
std::string rule_name(const Chain& chain, const Rule* rule);

}  // namespace sockwatch::firewall
