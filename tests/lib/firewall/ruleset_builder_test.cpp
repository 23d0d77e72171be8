// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/ruleset_builder.h"

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <array>
#include <functional>
#include <memory>

#include "tests/lib/firewall/decoded.h"

namespace sockwatch::firewall {
namespace {

// Messages as the kernel sends them, by libnftnl's own hand.
class Builder : public testing::Test {
 protected:
  const nlmsghdr& message(int type, const std::function<void(nlmsghdr*)>& fill) {
    nlmsghdr* header =
        nftnl_nlmsg_build_hdr(buffer_.data(), static_cast<std::uint16_t>(type), NFPROTO_INET, 0, 1);
    fill(header);
    return *header;
  }
  void chain(const char* name, bool base) {
    const std::unique_ptr<nftnl_chain, void (*)(const nftnl_chain*)> made(nftnl_chain_alloc(),
                                                                          nftnl_chain_free);
    nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TABLE, "t");
    nftnl_chain_set_str(made.get(), NFTNL_CHAIN_NAME, name);
    if (base) {
      nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_HOOKNUM, NF_INET_LOCAL_IN);
      nftnl_chain_set_s32(made.get(), NFTNL_CHAIN_PRIO, -5);
      nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TYPE, "filter");
      nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_POLICY, NF_DROP);
    }
    builder_.add_chain(
        message(NFT_MSG_NEWCHAIN, [&](nlmsghdr* to) { nftnl_chain_nlmsg_build_payload(to, made.get()); }));
  }
  void set(std::uint32_t flags, std::uint32_t length) {
    const std::unique_ptr<nftnl_set, void (*)(const nftnl_set*)> made(nftnl_set_alloc(), nftnl_set_free);
    nftnl_set_set_str(made.get(), NFTNL_SET_TABLE, "t");
    nftnl_set_set_str(made.get(), NFTNL_SET_NAME, "s");
    nftnl_set_set_u32(made.get(), NFTNL_SET_FLAGS, flags);
    nftnl_set_set_u32(made.get(), NFTNL_SET_KEY_LEN, length);
    builder_.add_set(
        message(NFT_MSG_NEWSET, [&](nlmsghdr* to) { nftnl_set_nlmsg_build_payload(to, made.get()); }));
  }
  void element(const Constant& key, std::uint32_t flags = 0) {
    const std::unique_ptr<nftnl_set, void (*)(const nftnl_set*)> made(nftnl_set_alloc(), nftnl_set_free);
    nftnl_set_set_str(made.get(), NFTNL_SET_TABLE, "t");
    nftnl_set_set_str(made.get(), NFTNL_SET_NAME, "s");
    nftnl_set_elem* added = nftnl_set_elem_alloc();  // the set's from the next line on
    nftnl_set_elem_add(made.get(), added);
    nftnl_set_elem_set(added, NFTNL_SET_ELEM_KEY, key.data(), static_cast<std::uint32_t>(key.size()));
    if (flags != 0) nftnl_set_elem_set_u32(added, NFTNL_SET_ELEM_FLAGS, flags);
    builder_.add_elements(message(
        NFT_MSG_NEWSETELEM, [&](nlmsghdr* to) { nftnl_set_elems_nlmsg_build_payload(to, made.get()); }));
  }
  void rule(std::uint64_t handle, const char* chain) {
    const std::unique_ptr<nftnl_rule, void (*)(const nftnl_rule*)> made(nftnl_rule_alloc(), nftnl_rule_free);
    nftnl_rule_set_str(made.get(), NFTNL_RULE_TABLE, "t");
    nftnl_rule_set_str(made.get(), NFTNL_RULE_CHAIN, chain);
    nftnl_rule_set_u64(made.get(), NFTNL_RULE_HANDLE, handle);
    nftnl_expr* notrack = nftnl_expr_alloc("notrack");  // the rule's from the next line on
    nftnl_rule_add_expr(made.get(), notrack);
    builder_.add_rule(
        message(NFT_MSG_NEWRULE, [&](nlmsghdr* to) { nftnl_rule_nlmsg_build_payload(to, made.get()); }));
  }

  std::array<char, 4096> buffer_{};
  RulesetBuilder builder_;
};

TEST_F(Builder, chains_and_rules_come_together) {
  chain("input", true);
  chain("other", false);
  rule(7, "input");
  rule(8, "other");
  const Ruleset rules = builder_.take(42);
  ASSERT_EQ(rules.chains.size(), 2U);
  EXPECT_EQ(rules.chains[0].base->hook, Hook::Input);
  EXPECT_EQ(rules.chains[0].base->priority, -5);
  EXPECT_TRUE(rules.chains[0].base->drops);
  EXPECT_FALSE(rules.chains[1].base.has_value());
  ASSERT_EQ(rules.chains[0].rules.size(), 1U);
  EXPECT_EQ(rules.chains[0].rules[0].handle, 7U);
  EXPECT_TRUE(std::holds_alternative<Untrack>(rules.chains[0].rules[0].expressions.at(0)));
  EXPECT_EQ(rules.generation, 42U);
}

TEST_F(Builder, intervals_are_made_of_two_elements) {
  set(NFT_SET_INTERVAL, 4);
  element({10, 0, 0, 9}, NFT_SET_ELEM_INTERVAL_END);
  element({10, 0, 0, 9});
  element({10, 0, 0, 1});
  element({10, 0, 0, 12}, NFT_SET_ELEM_INTERVAL_END);
  element({255, 0, 0, 0});
  const Ruleset rules = builder_.take(0);
  const auto& elements = rules.sets.at(0).elements;
  ASSERT_EQ(elements.size(), 3U);
  EXPECT_EQ(elements[0].first, (Constant{10, 0, 0, 1}));
  EXPECT_EQ(elements[0].last, (Constant{10, 0, 0, 8}));
  EXPECT_EQ(elements[1].last, (Constant{10, 0, 0, 11}));
  EXPECT_EQ(elements[2].last, (Constant{255, 255, 255, 255}));
}

TEST_F(Builder, single_elements_are_themselves) {
  set(0, 2);
  element({0, 80});
  element({0, 22});
  const Ruleset rules = builder_.take(0);
  EXPECT_EQ(rules.sets.at(0).fields, std::vector<std::uint8_t>{2});
  EXPECT_EQ(rules.sets.at(0).elements.at(0).last, (Constant{0, 22}));
}

TEST_F(Builder, a_key_that_fits_no_register_makes_a_set_unreadable) {
  set(0, 200);
  EXPECT_EQ(builder_.take(0).sets.at(0).unreadable, "a key of 200 bytes");
}

TEST_F(Builder, a_set_can_be_given_up) {
  set(0, 4);
  ASSERT_EQ(builder_.set_names().size(), 1U);
  builder_.give_up_set(builder_.set_names()[0], "too much");
  EXPECT_EQ(builder_.take(0).sets.at(0).unreadable, "too much");
}

TEST_F(Builder, a_rule_that_cannot_be_parsed_decides_nothing_for_certain) {
  chain("input", true);
  builder_.add_rule(message(NFT_MSG_NEWRULE, [](nlmsghdr* to) {
    mnl_attr_put_strz(to, NFTA_RULE_TABLE, "t");
    mnl_attr_put_strz(to, NFTA_RULE_CHAIN, "input");
    nlattr* list = mnl_attr_nest_start(to, NFTA_RULE_EXPRESSIONS);
    nlattr* one = mnl_attr_nest_start(to, NFTA_LIST_ELEM);
    mnl_attr_put_strz(to, NFTA_EXPR_NAME, "tomorrow");
    mnl_attr_nest_end(to, one);
    mnl_attr_nest_end(to, list);
  }));
  const Ruleset rules = builder_.take(0);
  EXPECT_TRUE(rules.unread.size() == 1 ||
              std::holds_alternative<Undecidable>(rules.chains.at(0).rules.at(0).expressions.at(0)));
}

}  // namespace
}  // namespace sockwatch::firewall
