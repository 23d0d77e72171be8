// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/ruleset.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "lib/base/text.h"

namespace sockwatch::firewall {
namespace {

using Names = std::map<std::tuple<TableFamily, std::string_view, std::string_view>, std::uint32_t>;

template <typename Named>
Names names_of(const std::vector<Named>& all) {
  Names names;
  for (std::uint32_t i = 0; i < all.size(); ++i)
    names.try_emplace({all[i].family, all[i].table, all[i].name}, i);
  return names;
}

template <typename Owner>
std::uint32_t find(const Names& names, const Owner& owner, std::string_view wanted) {
  const auto found = names.find({owner.family, owner.table, wanted});
  return found == names.end() ? kUnresolved : found->second;
}

bool leads_elsewhere(const Verdict& verdict) {
  return verdict.kind == Verdict::Kind::Jump || verdict.kind == Verdict::Kind::Goto;
}

}  // namespace

void Ruleset::link() {
  const Names chain_names = names_of(chains);
  const Names set_names = names_of(sets);
  const auto resolve = [&chain_names](const auto& owner, Verdict& verdict) {
    if (leads_elsewhere(verdict)) verdict.target = find(chain_names, owner, verdict.chain);
  };
  for (NamedSet& set : sets) {
    for (SetElement& element : set.elements) resolve(set, element.verdict);
    if (set.everything_else) resolve(set, set.everything_else->verdict);
    std::stable_sort(set.elements.begin(), set.elements.end(),
                     [](const SetElement& a, const SetElement& b) { return a.first < b.first; });
  }
  for (Chain& chain : chains) {
    for (Rule& rule : chain.rules) {
      for (Expression& expression : rule.expressions) {
        if (auto* verdict = std::get_if<Verdict>(&expression)) {
          resolve(chain, *verdict);
          if (leads_elsewhere(*verdict) && verdict->target == kUnresolved)
            expression = Undecidable{"chain " + verdict->chain + ", which is not there"};
        } else if (auto* lookup = std::get_if<Lookup>(&expression)) {
          lookup->target = find(set_names, chain, lookup->set);
          if (lookup->target == kUnresolved)
            expression = Undecidable{"set " + lookup->set + ", which is not there"};
        }
      }
    }
  }
}

std::size_t Ruleset::rule_count() const {
  std::size_t count = 0;
  for (const Chain& chain : chains) count += chain.rules.size();
  return count;
}

std::string rule_name(const Chain& chain, const Rule* rule) {
  std::string text =
      std::string(word(chain.family)) + " " + printable(chain.table) + ", chain " + printable(chain.name);
  if (rule != nullptr) return text + ", handle " + std::to_string(rule->handle);
  return text + ", policy " + (chain.base && chain.base->drops ? "drop" : "accept");
}

}  // namespace sockwatch::firewall
