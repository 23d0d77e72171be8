// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/xt_targets.h"

// First, or the kernel's own header defines the same again.
#include <netinet/in.h>

#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

#include "tests/lib/firewall/decoded.h"

namespace sockwatch::firewall {
namespace {

template <typename Struct>
Decoded target(const char* name, std::uint32_t revision, const Struct& info,
               TableFamily family = TableFamily::Ip) {
  Decoded decoded(family);
  add_xt_target(name, revision, bytes_of_struct(info), decoded.writer());
  return decoded;
}

TEST(XtTargets, a_destination_with_its_port_as_docker_writes_it) {
  nf_nat_range2 range{};
  range.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
  range.min_addr.ip = range.max_addr.ip = htonl(0xAC110002);
  range.min_proto.all = range.max_proto.all = htons(80);
  const auto dnat = target("DNAT", 2, range);
  EXPECT_EQ(dnat.at<Immediate>(0).value, (Constant{172, 17, 0, 2}));
  EXPECT_EQ(dnat.at<Immediate>(2).value, port_bytes(80));
  EXPECT_TRUE(dnat.at<NewDestination>(4).has_port);
}

TEST(XtTargets, the_same_in_the_form_of_old) {
  nf_nat_ipv4_multi_range_compat range{};
  range.rangesize = 1;
  range.range[0].flags = NF_NAT_RANGE_MAP_IPS;
  range.range[0].min_ip = range.range[0].max_ip = htonl(0xAC110002);
  EXPECT_EQ(target("DNAT", 0, range).at<Immediate>(0).value, (Constant{172, 17, 0, 2}));
  range.rangesize = 2;
  EXPECT_EQ(target("DNAT", 0, range).at<Undecidable>(0).what, "xt target DNAT");
}

TEST(XtTargets, redirect_to_a_port_of_this_machine) {
  nf_nat_ipv4_multi_range_compat range{};
  range.rangesize = 1;
  range.range[0].flags = NF_NAT_RANGE_PROTO_SPECIFIED;
  range.range[0].min.all = range.range[0].max.all = htons(8080);
  EXPECT_EQ(target("REDIRECT", 0, range).at<Immediate>(0).value, port_bytes(8080));
  EXPECT_TRUE(target("REDIRECT", 0, range).at<ToThisMachine>(2).has_port);
}

TEST(XtTargets, marks_are_set_under_their_mask) {
  const auto mark = target("MARK", 2, xt_mark_tginfo2{.mark = 0x4000, .mask = 0xFFFF});
  EXPECT_EQ(mark.at<Bitwise>(1).mask, machine_bytes(std::uint32_t{0xFFFF0000}));
  EXPECT_FALSE(mark.at<SetMark>(2).of_flow);
  const xt_connmark_tginfo1 save{.ctmark = 0, .ctmask = ~0U, .nfmask = ~0U, .mode = XT_CONNMARK_SAVE};
  EXPECT_TRUE(target("CONNMARK", 1, save).at<SetMark>(1).of_flow);
  const xt_connmark_tginfo1 mixed{.ctmark = 0, .ctmask = 1, .nfmask = 2, .mode = XT_CONNMARK_SAVE};
  EXPECT_EQ(target("CONNMARK", 1, mixed).at<LoadUnknown>(0).what, "xt target CONNMARK with masks");
}

TEST(XtTargets, some_end_it_and_some_do_nothing) {
  EXPECT_EQ(target("REJECT", 0, std::uint32_t{0}).at<Verdict>(0).kind, Verdict::Kind::Drop);
  EXPECT_EQ(target("LOG", 0, std::byte{}).size(), 0U);
  EXPECT_EQ(target("MASQUERADE", 0, std::byte{}).size(), 1U);
  xt_ct_target_info tracking{};
  EXPECT_EQ(target("CT", 0, tracking).size(), 0U);
  tracking.flags = XT_CT_NOTRACK;
  (void)target("CT", 0, tracking).at<Untrack>(0);
}

TEST(XtTargets, what_is_cut_short_or_not_known_is_undecidable_by_its_name) {
  for (const char* name :
       {"DNAT", "REDIRECT", "MARK", "CONNMARK", "CT", "TPROXY", "NFQUEUE", "no such thing"})
    EXPECT_EQ(target(name, 2, std::byte{}).at<Undecidable>(0).what, "xt target " + std::string(name));
}

}  // namespace
}  // namespace sockwatch::firewall
