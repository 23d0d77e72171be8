// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/xt_matches.h"

#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_recent.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "tests/lib/firewall/decoded.h"

namespace sockwatch::firewall {
namespace {

template <typename Struct>
Decoded match(const char* name, std::uint32_t revision, const Struct& info,
              TableFamily family = TableFamily::Ip) {
  Decoded decoded(family);
  add_xt_match(name, revision, bytes_of_struct(info), decoded.writer());
  return decoded;
}

TEST(XtMatches, tcp_with_a_range_of_ports_and_flags) {
  const auto tcp = match(
      "tcp", 0,
      xt_tcp{
          .spts = {0, 65535}, .dpts = {80, 90}, .option = 0, .flg_mask = 0x17, .flg_cmp = 2, .invflags = 0});
  EXPECT_EQ(tcp.at<LoadHeader>(0).offset, 2U);
  EXPECT_EQ(tcp.at<InRange>(1).first, port_bytes(80));
  EXPECT_EQ(tcp.at<InRange>(1).last, port_bytes(90));
  EXPECT_EQ(tcp.at<Bitwise>(3).mask, Constant{0x17});
  EXPECT_EQ(tcp.at<Compare>(4).value, Constant{2});
  EXPECT_EQ(tcp.size(), 5U);
}

TEST(XtMatches, an_inverted_port_is_inverted) {
  const auto udp =
      match("udp", 0, xt_udp{.spts = {0, 65535}, .dpts = {53, 53}, .invflags = XT_UDP_INV_DSTPT});
  EXPECT_TRUE(udp.at<InRange>(1).invert);
}

TEST(XtMatches, many_ports_are_a_set_without_a_name) {
  xt_multiport_v1 multi{.flags = XT_MULTIPORT_DESTINATION,
                        .count = 4,
                        .ports = {443, 80, 90, 85},
                        .pflags = {0, 1, 0, 0},
                        .invert = 1};
  const auto ports = match("multiport", 1, multi);
  EXPECT_TRUE(ports.at<Lookup>(1).invert);
  ASSERT_EQ(ports.only_set().elements.size(), 2U);  // 85 is within 80:90
  EXPECT_EQ(ports.only_set().elements[0].last, port_bytes(90));
  multi.count = 200;
  EXPECT_EQ(match("multiport", 1, multi).at<UnknownTest>(0).what, "xt match multiport");
}

TEST(XtMatches, states_are_bits_of_the_connection) {
  xt_conntrack_mtinfo3 info{};
  info.match_flags = XT_CONNTRACK_STATE;
  info.state_mask = 2 | 4;
  const auto known = match("conntrack", 3, info);
  EXPECT_EQ(known.at<LoadFlow>(0).field, FlowField::State);
  EXPECT_EQ(known.at<Bitwise>(1).mask, machine_bytes(std::uint32_t{6}));
  EXPECT_EQ(known.at<Compare>(2).comparison, Comparison::NotEqual);
  info.state_mask = XT_CONNTRACK_STATE_DNAT;
  EXPECT_EQ(match("conntrack", 3, info).at<LoadFlow>(1).field, FlowField::Status);
  info.match_flags = XT_CONNTRACK_EXPIRES;
  EXPECT_EQ(match("conntrack", 3, info).at<UnknownTest>(0).what, "xt match conntrack");
}

TEST(XtMatches, kinds_of_addresses_are_asked_of_the_routes) {
  const auto local =
      match("addrtype", 1,
            xt_addrtype_info_v1{.source = 0, .dest = XT_ADDRTYPE_LOCAL, .flags = XT_ADDRTYPE_INVERT_DEST});
  EXPECT_EQ(local.at<LoadRoute>(0).about, LoadRoute::About::Destination);
  EXPECT_TRUE(local.at<Lookup>(1).invert);
  EXPECT_EQ(local.only_set().elements[0].first, machine_bytes(std::uint32_t{2}));
  // IPv6 means something else by it.
  EXPECT_EQ(match("addrtype", 1, xt_addrtype_info_v1{.source = XT_ADDRTYPE_UNICAST, .dest = 0, .flags = 0},
                  TableFamily::Ip6)
                .at<UnknownTest>(0)
                .what,
            "xt match addrtype");
}

TEST(XtMatches, ranges_of_addresses_and_marks) {
  xt_iprange_mtinfo range{};
  range.src_min.ip = 0x0100000A, range.src_max.ip = 0x0900000A, range.flags = IPRANGE_SRC;
  EXPECT_EQ(match("iprange", 1, range).at<InRange>(1).first, (Constant{10, 0, 0, 1}));
  EXPECT_EQ(match("mark", 1, xt_mark_mtinfo1{.mark = 5, .mask = 7, .invert = 0}).at<Compare>(2).value,
            machine_bytes(std::uint32_t{5}));
}

TEST(XtMatches, limits_are_for_those_who_hurry) {
  xt_hashlimit_mtinfo3 limit{};
  limit.cfg.mode = XT_HASHLIMIT_HASH_SIP | XT_HASHLIMIT_INVERT;
  EXPECT_TRUE(match("hashlimit", 3, limit).at<Limit>(0).over);
  xt_recent_mtinfo recent{};
  recent.check_set = XT_RECENT_UPDATE, recent.hit_count = 6;
  EXPECT_TRUE(match("recent", 0, recent).at<Limit>(0).over);
  recent.hit_count = 0;
  EXPECT_EQ(match("recent", 0, recent).at<UnknownTest>(0).what, "xt match recent");
  recent.check_set = XT_RECENT_SET;
  EXPECT_EQ(match("recent", 0, recent).size(), 0U);
}

TEST(XtMatches, what_is_cut_short_or_not_known_is_unknown_by_its_name) {
  EXPECT_EQ(match("comment", 0, std::byte{}).size(), 0U);
  for (const char* name :
       {"tcp", "udp", "multiport", "conntrack", "state", "addrtype", "mark", "connmark", "iprange", "pkttype",
        "hashlimit", "recent", "connlimit", "u32", "time", "no such thing"})
    EXPECT_EQ(match(name, 3, std::byte{}).at<UnknownTest>(0).what, "xt match " + std::string(name));
}

}  // namespace
}  // namespace sockwatch::firewall
