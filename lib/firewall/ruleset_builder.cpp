// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/ruleset_builder.h"

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "lib/firewall/nft_expressions.h"

namespace sockwatch::firewall {
namespace {

constexpr std::size_t kMostElements = 2'000'000;
constexpr const char* kTooMany = "more elements than are read";

template <auto Free>
struct Freed {
  template <typename Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using OwnedChain = std::unique_ptr<nftnl_chain, Freed<nftnl_chain_free>>;
using OwnedRule = std::unique_ptr<nftnl_rule, Freed<nftnl_rule_free>>;
using OwnedSet = std::unique_ptr<nftnl_set, Freed<nftnl_set_free>>;
using OwnedExpressions = std::unique_ptr<nftnl_expr_iter, Freed<nftnl_expr_iter_destroy>>;
using OwnedElements = std::unique_ptr<nftnl_set_elems_iter, Freed<nftnl_set_elems_iter_destroy>>;

std::string text(const char* found) {
  return found == nullptr ? std::string() : found;
}

std::optional<TableFamily> table_family(std::uint32_t family) {
  switch (family) {
    case NFPROTO_IPV4:
      return TableFamily::Ip;
    case NFPROTO_IPV6:
      return TableFamily::Ip6;
    case NFPROTO_INET:
      return TableFamily::Inet;
    case NFPROTO_ARP:
      return TableFamily::Arp;
    case NFPROTO_BRIDGE:
      return TableFamily::Bridge;
    case NFPROTO_NETDEV:
      return TableFamily::Netdev;
    default:
      return std::nullopt;
  }
}

// Hook numbers mean what their family says.
std::optional<Hook> hook_of(TableFamily family, std::uint32_t number) {
  if (family == TableFamily::Netdev) {
    if (number > 1) return std::nullopt;
    return number == 0 ? Hook::Ingress : Hook::Egress;
  }
  if (family == TableFamily::Arp) return number == 0 ? Hook::Input : Hook::Output;
  constexpr std::array kHooks{Hook::Prerouting, Hook::Input,       Hook::Forward,
                              Hook::Output,     Hook::Postrouting, Hook::Ingress};
  return number < kHooks.size() ? std::optional(kHooks[number]) : std::nullopt;
}

std::uint32_t family_in(const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_HDRLEN + sizeof(nfgenmsg)) return 0;
  return static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message))->nfgen_family;
}

std::vector<std::string> devices_of(const nftnl_chain& chain) {
  std::vector<std::string> devices;
  if (nftnl_chain_is_set(&chain, NFTNL_CHAIN_DEV))
    devices.push_back(text(nftnl_chain_get_str(&chain, NFTNL_CHAIN_DEV)));
  if (nftnl_chain_is_set(&chain, NFTNL_CHAIN_DEVICES)) {
    const char* const* names = nftnl_chain_get_array(&chain, NFTNL_CHAIN_DEVICES);
    for (; names != nullptr && *names != nullptr; ++names) devices.emplace_back(*names);
  }
  return devices;
}

// The comment that nft(8) keeps with a rule: type 0 of its user data.
std::string comment_of(const nftnl_rule& rule) {
  std::uint32_t length = 0;
  const auto* data =
      static_cast<const std::uint8_t*>(nftnl_rule_get_data(&rule, NFTNL_RULE_USERDATA, &length));
  std::string comment;
  for (std::uint32_t at = 0; data != nullptr && at + 2 <= length; at += 2U + data[at + 1]) {
    const std::uint32_t size = data[at + 1];
    if (data[at] != NFTNL_UDATA_RULE_COMMENT || at + 2 + size > length) continue;
    comment.assign(reinterpret_cast<const char*>(data) + at + 2, size);
    while (!comment.empty() && comment.back() == '\0') comment.pop_back();
    break;
  }
  return comment;
}

Constant bytes_of(nftnl_set_elem& element, std::uint16_t attribute) {
  std::uint32_t length = 0;
  const auto* data = nftnl_set_elem_is_set(&element, attribute)
                         ? static_cast<const std::uint8_t*>(nftnl_set_elem_get(&element, attribute, &length))
                         : nullptr;
  return data == nullptr ? Constant() : Constant(data, data + length);
}

// The number before it.
Constant one_less(Constant number) {
  for (auto byte = number.rbegin(); byte != number.rend(); ++byte) {
    if ((*byte)-- != 0) break;
  }
  return number;
}

}  // namespace

void RulesetBuilder::add_chain(const nlmsghdr& message) {
  const OwnedChain chain(nftnl_chain_alloc());
  if (!chain || nftnl_chain_nlmsg_parse(&message, chain.get()) != 0) {
    rules_.unread.emplace_back("a chain of nf_tables that cannot be read");
    return;
  }
  const auto family = table_family(nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_FAMILY));
  if (!family) return;
  Chain& added =
      rules_.chains.emplace_back(Chain{.family = *family,
                                       .table = text(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE)),
                                       .name = text(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_NAME))});
  chains_[{added.family, added.table, added.name}] = rules_.chains.size() - 1;
  if (!nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_HOOKNUM)) return;
  const auto hook = hook_of(*family, nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_HOOKNUM));
  if (!hook) {
    rules_.unread.push_back("chain " + added.name + ", of a hook that is not known here");
    return;
  }
  added.base = BaseChain{.hook = *hook,
                         .priority = nftnl_chain_get_s32(chain.get(), NFTNL_CHAIN_PRIO),
                         .is_nat = text(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TYPE)) == "nat",
                         .drops = nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_POLICY) &&
                                  nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_POLICY) == NF_DROP,
                         .devices = devices_of(*chain)};
}

void RulesetBuilder::add_rule(const nlmsghdr& message) {
  const OwnedRule rule(nftnl_rule_alloc());
  if (!rule) return;
  const bool parsed = nftnl_rule_nlmsg_parse(&message, rule.get()) == 0;
  const auto family = table_family(family_in(message));
  if (!family) return;
  const auto chain = chains_.find({*family, text(nftnl_rule_get_str(rule.get(), NFTNL_RULE_TABLE)),
                                   text(nftnl_rule_get_str(rule.get(), NFTNL_RULE_CHAIN))});
  if (chain == chains_.end()) {
    if (!parsed) rules_.unread.emplace_back("a rule of nf_tables that cannot be read");
    return;
  }
  Chain& into = rules_.chains[chain->second];
  Rule& added = into.rules.emplace_back();
  added.handle = nftnl_rule_get_u64(rule.get(), NFTNL_RULE_HANDLE);
  if (!parsed) {
    added.expressions.emplace_back(Undecidable{"a rule of nf_tables that cannot be read"});
    return;
  }
  added.comment = comment_of(*rule);
  RuleWriter writer(rules_, into.family, into.table, added.expressions);
  const OwnedExpressions expressions(nftnl_expr_iter_create(rule.get()));
  if (!expressions) return;
  while (const nftnl_expr* expression = nftnl_expr_iter_next(expressions.get()))
    add_nft_expression(*expression, writer);
}

void RulesetBuilder::add_set(const nlmsghdr& message) {
  const OwnedSet set(nftnl_set_alloc());
  if (!set || nftnl_set_nlmsg_parse(&message, set.get()) != 0) return;  // who uses it will miss it
  const std::uint32_t number = nftnl_set_get_u32(set.get(), NFTNL_SET_FAMILY);
  const auto family = table_family(number);
  if (!family) return;
  NamedSet added{.family = *family,
                 .table = text(nftnl_set_get_str(set.get(), NFTNL_SET_TABLE)),
                 .name = text(nftnl_set_get_str(set.get(), NFTNL_SET_NAME))};
  added.intervals = (nftnl_set_get_u32(set.get(), NFTNL_SET_FLAGS) & NFT_SET_INTERVAL) != 0;
  std::uint32_t count = 0;
  const auto* fields =
      nftnl_set_is_set(set.get(), NFTNL_SET_DESC_CONCAT)
          ? static_cast<const std::uint8_t*>(nftnl_set_get_data(set.get(), NFTNL_SET_DESC_CONCAT, &count))
          : nullptr;
  if (fields != nullptr && added.intervals) added.fields.assign(fields, fields + count);
  const std::uint32_t length = nftnl_set_get_u32(set.get(), NFTNL_SET_KEY_LEN);
  if (added.fields.empty()) added.fields = {static_cast<std::uint8_t>(std::min<std::uint32_t>(length, 255))};
  if (length == 0 || length > kRegisterBytes)
    added.unreadable = "a key of " + std::to_string(length) + " bytes";
  set_names_.push_back({number, added.table, added.name});
  sets_[{added.family, added.table, added.name}] = {rules_.sets.size(), {}};
  rules_.sets.push_back(std::move(added));
}

void RulesetBuilder::give_up_set(const SetName& name, const std::string& why) {
  const auto family = table_family(name.family);
  const auto set = family ? sets_.find({*family, name.table, name.name}) : sets_.end();
  if (set != sets_.end()) rules_.sets[set->second.index].unreadable = why;
}

void RulesetBuilder::add_elements(const nlmsghdr& message) {
  const OwnedSet set(nftnl_set_alloc());
  if (!set) return;
  const bool parsed = nftnl_set_elems_nlmsg_parse(&message, set.get()) == 0;
  const SetName name{family_in(message), text(nftnl_set_get_str(set.get(), NFTNL_SET_TABLE)),
                     text(nftnl_set_get_str(set.get(), NFTNL_SET_NAME))};
  if (!parsed) return give_up_set(name, "an element that cannot be read");
  const auto family = table_family(name.family);
  const auto open = family ? sets_.find({*family, name.table, name.name}) : sets_.end();
  if (open == sets_.end()) return;
  NamedSet& into = rules_.sets[open->second.index];
  const OwnedElements elements(nftnl_set_elems_iter_create(set.get()));
  if (!elements) return;
  while (nftnl_set_elem* element = nftnl_set_elems_iter_next(elements.get())) {
    if (++elements_ > kMostElements) return give_up_set(name, kTooMany);
    const std::uint32_t flags = nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_FLAGS)
                                    ? nftnl_set_elem_get_u32(element, NFTNL_SET_ELEM_FLAGS)
                                    : 0;
    SetElement read{bytes_of(*element, NFTNL_SET_ELEM_KEY), bytes_of(*element, NFTNL_SET_ELEM_KEY_END),
                    bytes_of(*element, NFTNL_SET_ELEM_DATA)};
    if (read.last.empty()) read.last = read.first;
    if (nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_VERDICT)) {
      const Expression verdict =
          verdict_of(static_cast<int>(nftnl_set_elem_get_u32(element, NFTNL_SET_ELEM_VERDICT)),
                     nftnl_set_elem_get_str(element, NFTNL_SET_ELEM_CHAIN));
      if (const auto* known = std::get_if<Verdict>(&verdict)) {
        read.verdict = *known;
      } else {
        into.unreadable = "a verdict that is not known here";
      }
    }
    if ((flags & NFT_SET_ELEM_CATCHALL) != 0) {
      into.everything_else = std::move(read);
    } else {
      open->second.elements.push_back({std::move(read), (flags & NFT_SET_ELEM_INTERVAL_END) != 0});
    }
  }
}

// Without both ends an interval is two elements: its first address and, marked, the one behind its last.
void RulesetBuilder::close_set(NamedSet& set, std::vector<Element> elements) {
  const bool ends_apart = set.intervals && set.fields.size() == 1;
  if (!ends_apart) {
    for (Element& each : elements) set.elements.push_back(std::move(each.element));
    return;
  }
  std::stable_sort(elements.begin(), elements.end(), [](const Element& a, const Element& b) {
    return std::tie(a.element.first, b.ends_interval) < std::tie(b.element.first, a.ends_interval);
  });
  std::optional<SetElement> open;
  for (Element& each : elements) {
    if (open) {
      open->last = one_less(each.element.first);
      set.elements.push_back(*std::exchange(open, std::nullopt));
    }
    if (!each.ends_interval) open = std::move(each.element);
  }
  if (!open) return;
  open->last.assign(open->first.size(), 0xFF);
  set.elements.push_back(*std::move(open));
}

Ruleset RulesetBuilder::take(std::uint32_t generation) {
  for (auto& [name, open] : sets_) close_set(rules_.sets[open.index], std::move(open.elements));
  rules_.generation = generation;
  rules_.link();
  return std::move(rules_);
}

}  // namespace sockwatch::firewall
