// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/nft_expressions.h"

#include <linux/netfilter.h>

#include <array>

#include "tests/lib/firewall/expressions.h"

namespace sockwatch::firewall {
namespace {

TEST(NftExpressions, a_comparison_has_its_bytes) {
  const auto made = expression("cmp", {{NFTNL_EXPR_CMP_SREG, NFT_REG_1}, {NFTNL_EXPR_CMP_OP, NFT_CMP_GTE}});
  constexpr std::array<std::uint8_t, 2> kPort{0, 80};
  nftnl_expr_set(made.get(), NFTNL_EXPR_CMP_DATA, kPort.data(), kPort.size());
  const auto compare = decoded(made);
  EXPECT_EQ(compare.at<Compare>(0).comparison, Comparison::GreaterOrEqual);
  EXPECT_EQ(compare.at<Compare>(0).value, port_bytes(80));
}

TEST(NftExpressions, a_verdict_may_lead_to_a_chain) {
  const auto made = expression("immediate", {{NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT},
                                             {NFTNL_EXPR_IMM_VERDICT, static_cast<std::uint32_t>(NFT_JUMP)}});
  nftnl_expr_set_str(made.get(), NFTNL_EXPR_IMM_CHAIN, "DOCKER");
  EXPECT_EQ(decoded(made).at<Verdict>(0).kind, Verdict::Kind::Jump);
  EXPECT_EQ(decoded(made).at<Verdict>(0).chain, "DOCKER");
}

TEST(NftExpressions, of_verdicts_the_known_ones_are_known) {
  EXPECT_EQ(std::get<Verdict>(verdict_of(NF_ACCEPT, nullptr)).kind, Verdict::Kind::Accept);
  EXPECT_EQ(std::get<Verdict>(verdict_of(NF_DROP, nullptr)).kind, Verdict::Kind::Drop);
  EXPECT_EQ(std::get<Verdict>(verdict_of(NFT_GOTO, nullptr)).kind, Verdict::Kind::Goto);
  EXPECT_EQ(std::get<Undecidable>(verdict_of(NF_QUEUE, nullptr)).what, "verdict 3");
}

TEST(NftExpressions, a_map_gives_a_verdict_or_a_value) {
  const auto map =
      decode("lookup", {{NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1}, {NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT}});
  EXPECT_TRUE(map.at<Lookup>(0).to_verdict);
  const auto value =
      decode("lookup", {{NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1}, {NFTNL_EXPR_LOOKUP_DREG, NFT_REG_2}});
  EXPECT_TRUE(value.at<Lookup>(0).to_register);
  EXPECT_TRUE(
      decode("lookup", {{NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1}, {NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV}})
          .at<Lookup>(0)
          .invert);
}

TEST(NftExpressions, translations_have_their_registers) {
  const auto nat = decode("nat", {{NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT},
                                  {NFTNL_EXPR_NAT_FAMILY, NFPROTO_IPV4},
                                  {NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1},
                                  {NFTNL_EXPR_NAT_REG_PROTO_MIN, NFT_REG_2}});
  EXPECT_EQ(nat.at<NewDestination>(0).last_address, nat.at<NewDestination>(0).address);
  EXPECT_EQ(nat.at<NewDestination>(0).port, 16);
  (void)decode("nat", {{NFTNL_EXPR_NAT_TYPE, NFT_NAT_SNAT}}).at<NewSource>(0);
  EXPECT_FALSE(decode("redir", {}).at<ToThisMachine>(0).has_port);
}

TEST(NftExpressions, limits_are_below_or_over) {
  EXPECT_FALSE(decode("limit", {}).at<Limit>(0).over);
  EXPECT_TRUE(decode("limit", {{NFTNL_EXPR_LIMIT_FLAGS, NFT_LIMIT_F_INV}}).at<Limit>(0).over);
  EXPECT_TRUE(decode("connlimit", {{NFTNL_EXPR_CONNLIMIT_FLAGS, NFT_CONNLIMIT_F_INV}}).at<Limit>(0).over);
  EXPECT_EQ(decode("quota", {}).at<UnknownTest>(0).what, "quota");
}

TEST(NftExpressions, what_decides_nothing_adds_nothing) {
  EXPECT_EQ(decode("counter", {}).size(), 0U);
  EXPECT_EQ(decode("log", {}).size(), 0U);
}

TEST(NftExpressions, what_takes_packets_away_is_undecidable) {
  EXPECT_EQ(decode("queue", {}).at<Undecidable>(0).what, "expression queue");
  EXPECT_EQ(decode("fwd", {}).at<Undecidable>(0).what, "expression fwd");
  EXPECT_EQ(decode("synproxy", {}).at<Undecidable>(0).what, "expression synproxy");
}

}  // namespace
}  // namespace sockwatch::firewall
