// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/xt_targets.h"

// First, or the kernel's own header defines the same again.
#include <netinet/in.h>

#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_TPROXY.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace sockwatch::firewall {
namespace {

constexpr Register kFirst = 0;
constexpr Register kAddress = 0;
constexpr Register kLastAddress = 16;
constexpr Register kPort = 32;
constexpr Register kLastPort = 36;

using Reader = bool (*)(std::uint32_t revision, Bytes info, RuleWriter& rule);

// The forms that the range of a translation has, as one.
struct NatRange {
  unsigned flags = 0;
  Constant first_address;
  Constant last_address;
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
};

template <typename Address>
Constant bytes_of(const Address& address, std::size_t length) {
  Constant bytes(std::min(length, sizeof address));
  std::memcpy(bytes.data(), &address, bytes.size());
  return bytes;
}

template <typename Range>
std::optional<NatRange> modern_range(Bytes info, IpFamily family) {
  const auto range = read_struct<Range>(info);
  if (!range) return std::nullopt;
  const std::size_t width = width_of_address(family);
  return NatRange{range->flags, bytes_of(range->min_addr, width), bytes_of(range->max_addr, width),
                  ntohs(range->min_proto.all), ntohs(range->max_proto.all)};
}

std::optional<NatRange> nat_range(std::uint32_t revision, Bytes info, IpFamily family) {
  if (revision == 2) return modern_range<nf_nat_range2>(info, family);
  if (revision == 1 || family == IpFamily::V6) return modern_range<nf_nat_range>(info, family);
  const auto old = read_struct<nf_nat_ipv4_multi_range_compat>(info);
  if (!old || old->rangesize != 1) return std::nullopt;
  const nf_nat_ipv4_range& range = old->range[0];
  return NatRange{range.flags, bytes_of(range.min_ip, 4), bytes_of(range.max_ip, 4), ntohs(range.min.all),
                  ntohs(range.max.all)};
}

void add_ports(const NatRange& range, RuleWriter& rule) {
  // With an offset each port goes to one of its own: which, nobody needs to compute.
  const bool several = (range.flags & NF_NAT_RANGE_PROTO_OFFSET) != 0;
  rule.add(Immediate{port_bytes(range.first_port), kPort});
  rule.add(Immediate{
      port_bytes(several && range.last_port == range.first_port ? std::uint16_t{0} : range.last_port),
      kLastPort});
}

bool read_dnat(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto range = nat_range(revision, info, rule.ip_family());
  if (!range) return false;
  NewDestination to{.family = rule.ip_family(),
                    .has_address = (range->flags & NF_NAT_RANGE_MAP_IPS) != 0,
                    .has_port = (range->flags & NF_NAT_RANGE_PROTO_SPECIFIED) != 0,
                    .address = kAddress,
                    .last_address = kLastAddress,
                    .port = kPort,
                    .last_port = kLastPort,
                    .keeps_host_part = (range->flags & NF_NAT_RANGE_NETMAP) != 0};
  if (to.has_address) {
    rule.add(Immediate{range->first_address, kAddress});
    rule.add(Immediate{range->last_address, kLastAddress});
  }
  if (to.has_port) add_ports(*range, rule);
  rule.add(to);
  return true;
}

bool read_redirect(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto range = nat_range(revision, info, rule.ip_family());
  if (!range) return false;
  const bool has_port = (range->flags & NF_NAT_RANGE_PROTO_SPECIFIED) != 0;
  if (has_port) add_ports(*range, rule);
  rule.add(ToThisMachine{.has_port = has_port, .port = kPort, .last_port = kLastPort});
  return true;
}

bool read_new_source(std::uint32_t, Bytes, RuleWriter& rule) {
  rule.add(NewSource{});
  return true;
}

bool read_mark(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto mark = read_struct<xt_mark_tginfo2>(info);
  if (revision != 2 || !mark) return false;
  rule.add(LoadMeta{MetaField::Mark, kFirst});
  rule.add(Bitwise{kFirst, kFirst, machine_bytes(~mark->mask), machine_bytes(mark->mark)});
  rule.add(SetMark{.from = kFirst});
  return true;
}

// Between the packet's mark and the connection's. Masks that mix the two are left open.
bool read_connmark(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto mark = read_struct<xt_connmark_tginfo1>(info);
  const auto shifted = read_struct<xt_connmark_tginfo2>(info);
  if (!mark || (revision == 2 && !shifted) || revision > 2) return false;
  const std::uint8_t mode = revision == 2 ? shifted->mode : mark->mode;
  const bool plain =
      mark->ctmask == ~0U && mark->nfmask == ~0U && (revision != 2 || shifted->shift_bits == 0);
  if (mode == XT_CONNMARK_SET && (revision != 2 || shifted->shift_bits == 0)) {
    rule.add(LoadFlow{.field = FlowField::Mark, .to = kFirst});
    rule.add(Bitwise{kFirst, kFirst, machine_bytes(~mark->ctmask), machine_bytes(mark->ctmark)});
    rule.add(SetMark{.from = kFirst, .of_flow = true});
    return true;
  }
  if (plain && mode == XT_CONNMARK_SAVE) {
    rule.add(LoadMeta{MetaField::Mark, kFirst});
  } else if (plain && mode == XT_CONNMARK_RESTORE) {
    rule.add(LoadFlow{.field = FlowField::Mark, .to = kFirst});
  } else {
    rule.add(LoadUnknown{.what = "xt target CONNMARK with masks", .length = 4, .to = kFirst});
  }
  rule.add(SetMark{.from = kFirst, .of_flow = mode != XT_CONNMARK_RESTORE});
  return true;
}

bool read_ct(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto tracking = read_struct<xt_ct_target_info>(info);
  if (!tracking) return false;
  if ((tracking->flags & XT_CT_NOTRACK) != 0) rule.add(Untrack{});
  return true;
}

bool read_notrack(std::uint32_t, Bytes, RuleWriter& rule) {
  rule.add(Untrack{});
  return true;
}

bool read_reject(std::uint32_t, Bytes, RuleWriter& rule) {
  rule.add(Verdict{Verdict::Kind::Drop});
  return true;
}

bool read_tproxy(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto old = read_struct<xt_tproxy_target_info>(info);
  const auto proxy = read_struct<xt_tproxy_target_info_v1>(info);
  if (!old || (revision != 0 && !proxy)) return false;
  rule.add(Immediate{port_bytes(ntohs(revision == 0 ? old->lport : proxy->lport)), kPort});
  rule.add(ToProxy{.has_port = true, .port = kPort});
  return true;
}

// The packet's fate stays as it is.
bool read_harmless(std::uint32_t, Bytes, RuleWriter&) {
  return true;
}

struct Known {
  std::string_view name;
  Reader read;
};
constexpr std::array kKnown{
    Known{"AUDIT", read_harmless},
    Known{"CHECKSUM", read_harmless},
    Known{"CLASSIFY", read_harmless},
    Known{"CONNMARK", read_connmark},
    Known{"CONNSECMARK", read_harmless},
    Known{"CT", read_ct},
    Known{"DNAT", read_dnat},
    Known{"DSCP", read_harmless},
    Known{"ECN", read_harmless},
    Known{"HL", read_harmless},
    Known{"IDLETIMER", read_harmless},
    Known{"LED", read_harmless},
    Known{"LOG", read_harmless},
    Known{"MARK", read_mark},
    Known{"MASQUERADE", read_new_source},
    Known{"NFLOG", read_harmless},
    Known{"NOTRACK", read_notrack},
    Known{"RATEEST", read_harmless},
    Known{"REDIRECT", read_redirect},
    Known{"REJECT", read_reject},
    Known{"SECMARK", read_harmless},
    Known{"SET", read_harmless},
    Known{"SNAT", read_new_source},
    Known{"TCPMSS", read_harmless},
    Known{"TCPOPTSTRIP", read_harmless},
    Known{"TEE", read_harmless},
    Known{"TOS", read_harmless},
    Known{"TPROXY", read_tproxy},
    Known{"TRACE", read_harmless},
    Known{"TTL", read_harmless},
};

}  // namespace

void add_xt_target(std::string_view name, std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto known =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& each) { return each.name == name; });
  if (known == kKnown.end() || !known->read(revision, info, rule))
    rule.add(Undecidable{"xt target " + std::string(name)});
}

}  // namespace sockwatch::firewall
