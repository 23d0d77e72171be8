// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/ports_in_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <variant>

namespace sockwatch::firewall {
namespace {

constexpr std::uint32_t kPortOffset = 2;  // in the header of TCP, UDP and SCTP

// Chains that a packet can get to before it is routed.
std::vector<const Chain*> chains_before_routing(const Ruleset& rules) {
  std::set<std::uint32_t> seen;
  std::vector<std::uint32_t> waiting;
  const auto visit = [&](std::uint32_t index) {
    if (index < rules.chains.size() && seen.insert(index).second) waiting.push_back(index);
  };
  for (std::uint32_t i = 0; i < rules.chains.size(); ++i) {
    const auto& base = rules.chains[i].base;
    if (base && (base->hook == Hook::Prerouting || base->hook == Hook::Ingress)) visit(i);
  }
  while (!waiting.empty()) {
    const Chain& chain = rules.chains[waiting.back()];
    waiting.pop_back();
    for (const Rule& rule : chain.rules) {
      for (const Expression& expression : rule.expressions) {
        if (const auto* verdict = std::get_if<Verdict>(&expression)) visit(verdict->target);
        const auto* lookup = std::get_if<Lookup>(&expression);
        if (lookup == nullptr || !lookup->to_verdict || lookup->target >= rules.sets.size()) continue;
        const NamedSet& set = rules.sets[lookup->target];
        for (const SetElement& element : set.elements) visit(element.verdict.target);
        if (set.everything_else) visit(set.everything_else->verdict.target);
      }
    }
  }
  std::vector<const Chain*> chains;
  for (const std::uint32_t index : seen) chains.push_back(&rules.chains[index]);
  return chains;
}

// Follows where the port is in the registers of one rule.
class PortWatch {
 public:
  PortWatch(const Ruleset& rules, std::set<std::uint32_t>& borders) : rules_(rules), borders_(borders) {}

  void see(const Expression& expression) {
    std::visit([this](const auto& each) { see_one(each); }, expression);
  }

 private:
  void see_one(const LoadHeader& load) {
    const bool covers = load.header == Header::Transport && load.offset <= kPortOffset &&
                        load.offset + load.length >= kPortOffset + 2;
    forget(load.to, load.length);
    if (covers) at_.insert(static_cast<Register>(load.to + (kPortOffset - load.offset)));
  }
  void see_one(const LoadFlow& load) {
    forget(load.to, 2);
    if (load.field == FlowField::DestinationPort) at_.insert(load.to);
  }
  void see_one(const Compare& compare) {
    const Constant nothing(compare.value.size(), 0);
    const Constant everything(compare.value.size(), 0xFF);
    switch (compare.comparison) {
      case Comparison::Equal:
      case Comparison::NotEqual:
        return between(compare.from, compare.value, compare.value);
      case Comparison::LessOrEqual:
      case Comparison::Greater:
        return between(compare.from, nothing, compare.value);
      case Comparison::Less:
      case Comparison::GreaterOrEqual:
        return between(compare.from, compare.value, everything);
    }
  }
  void see_one(const InRange& range) { between(range.from, range.first, range.last); }
  void see_one(const Lookup& lookup) {
    if (lookup.target >= rules_.sets.size()) return;
    for (const SetElement& element : rules_.sets[lookup.target].elements)
      between(lookup.from, element.first, element.last);
  }
  template <typename Other>
  void see_one(const Other&) {}

  void forget(Register from, std::size_t length) {
    std::erase_if(at_, [&](Register each) { return each >= from && each < from + length; });
  }
  void between(Register from, const Constant& first, const Constant& last) {
    for (const Register at : at_) {
      const std::size_t offset = at - from;
      if (at < from || offset + 2 > std::min(first.size(), last.size())) continue;
      borders_.insert(first[offset] * 256U + first[offset + 1]);
      borders_.insert(last[offset] * 256U + last[offset + 1] + 1U);
    }
  }

  const Ruleset& rules_;
  std::set<std::uint32_t>& borders_;
  std::set<Register> at_;
};

bool is_translation(const Expression& expression) {
  return std::holds_alternative<NewDestination>(expression) ||
         std::holds_alternative<ToThisMachine>(expression) || std::holds_alternative<ToProxy>(expression);
}

}  // namespace

std::vector<std::uint16_t> port_borders_before_routing(const Ruleset& rules) {
  std::set<std::uint32_t> borders{0};
  for (const Chain* chain : chains_before_routing(rules)) {
    for (const Rule& rule : chain->rules) {
      PortWatch watch(rules, borders);
      for (const Expression& expression : rule.expressions) watch.see(expression);
    }
  }
  std::vector<std::uint16_t> ports;
  for (const std::uint32_t border : borders) {
    if (border <= 0xFFFF) ports.push_back(static_cast<std::uint16_t>(border));
  }
  return ports;
}

bool translates_before_routing(const Ruleset& rules) {
  const std::vector<const Chain*> chains = chains_before_routing(rules);
  return std::any_of(chains.begin(), chains.end(), [](const Chain* chain) {
    return std::any_of(chain->rules.begin(), chain->rules.end(), [](const Rule& rule) {
      return std::any_of(rule.expressions.begin(), rule.expressions.end(), is_translation);
    });
  });
}

}  // namespace sockwatch::firewall
