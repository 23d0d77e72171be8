// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/nft_loads.h"

#include <memory>

#include "tests/lib/firewall/decoded.h"
#include "tests/lib/firewall/expressions.h"

namespace sockwatch::firewall {
namespace {

TEST(NftLoads, a_header_is_loaded_or_written) {
  const auto load = decode("payload", {{NFTNL_EXPR_PAYLOAD_DREG, NFT_REG32_01},
                                       {NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER},
                                       {NFTNL_EXPR_PAYLOAD_OFFSET, 2},
                                       {NFTNL_EXPR_PAYLOAD_LEN, 2}});
  EXPECT_EQ(load.at<LoadHeader>(0).header, Header::Transport);
  EXPECT_EQ(load.at<LoadHeader>(0).to, 4);
  const auto write = decode("payload", {{NFTNL_EXPR_PAYLOAD_SREG, NFT_REG_2},
                                        {NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER},
                                        {NFTNL_EXPR_PAYLOAD_OFFSET, 16},
                                        {NFTNL_EXPR_PAYLOAD_LEN, 4}});
  EXPECT_EQ(write.at<WriteHeader>(0).from, 16);
  const auto odd = decode(
      "payload",
      {{NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1}, {NFTNL_EXPR_PAYLOAD_BASE, 77}, {NFTNL_EXPR_PAYLOAD_LEN, 2}});
  EXPECT_EQ(odd.at<Undecidable>(0).what, "payload expression");
}

TEST(NftLoads, meta_is_loaded_and_of_what_is_set_only_the_mark_matters) {
  EXPECT_EQ(decode("meta", {{NFTNL_EXPR_META_KEY, NFT_META_IIFNAME}, {NFTNL_EXPR_META_DREG, NFT_REG_1}})
                .at<LoadMeta>(0)
                .field,
            MetaField::InputName);
  EXPECT_FALSE(decode("meta", {{NFTNL_EXPR_META_KEY, NFT_META_MARK}, {NFTNL_EXPR_META_SREG, NFT_REG_1}})
                   .at<SetMark>(0)
                   .of_flow);
  EXPECT_EQ(
      decode("meta", {{NFTNL_EXPR_META_KEY, NFT_META_PRIORITY}, {NFTNL_EXPR_META_SREG, NFT_REG_1}}).size(),
      0U);
  (void)decode("meta", {{NFTNL_EXPR_META_KEY, NFT_META_PKTTYPE}, {NFTNL_EXPR_META_SREG, NFT_REG_1}})
      .at<Undecidable>(0);
  EXPECT_EQ(
      decode("meta", {{NFTNL_EXPR_META_KEY, 99}, {NFTNL_EXPR_META_DREG, NFT_REG_1}}).at<LoadUnknown>(0).what,
      "meta key 99");
}

TEST(NftLoads, a_connection_is_known_in_its_own_direction_alone) {
  EXPECT_EQ(decode("ct", {{NFTNL_EXPR_CT_KEY, NFT_CT_STATE}, {NFTNL_EXPR_CT_DREG, NFT_REG_1}})
                .at<LoadFlow>(0)
                .field,
            FlowField::State);
  const auto unread = decode("ct", {{NFTNL_EXPR_CT_KEY, NFT_CT_LABELS}, {NFTNL_EXPR_CT_DREG, NFT_REG_1}});
  EXPECT_EQ(unread.at<LoadUnknown>(0).what, "ct key 13");
}

TEST(NftLoads, routes_are_asked_about_one_end_and_by_one_interface) {
  const auto fib =
      decode("fib", {{NFTNL_EXPR_FIB_DREG, NFT_REG_1},
                     {NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_OIF},
                     {NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF | NFTA_FIB_F_PRESENT}});
  EXPECT_EQ(fib.at<LoadRoute>(0).about, LoadRoute::About::Source);
  EXPECT_TRUE(fib.at<LoadRoute>(0).by_input && fib.at<LoadRoute>(0).present);
}

TEST(NftLoads, numbers_by_chance_are_one_of_so_many) {
  const auto number = decode(
      "numgen", {{NFTNL_EXPR_NG_DREG, NFT_REG_1}, {NFTNL_EXPR_NG_MODULUS, 3}, {NFTNL_EXPR_NG_OFFSET, 5}});
  EXPECT_EQ(number.at<LoadUnknown>(0).choices, 3U);
  EXPECT_EQ(number.at<LoadUnknown>(0).first, 5U);
}

TEST(NftLoads, what_nobody_can_know_is_loaded_as_unknown) {
  EXPECT_EQ(decode("socket", {{NFTNL_EXPR_SOCKET_DREG, NFT_REG_1}}).at<LoadUnknown>(0).what, "socket");
  EXPECT_EQ(decode("rt", {{NFTNL_EXPR_RT_DREG, NFT_REG_1}}).at<LoadUnknown>(0).what, "rt");
}

}  // namespace
}  // namespace sockwatch::firewall
