// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/xt_matches.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_recent.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace sockwatch::firewall {
namespace {

constexpr Register kFirst = 0;
constexpr Register kSecond = 4;

// Each handles what it can read and says whether it could.
using Reader = bool (*)(std::uint32_t revision, Bytes info, RuleWriter& rule);

void load_port(RuleWriter& rule, bool source) {
  rule.add(LoadHeader{Header::Transport, source ? 0U : 2U, 2, kFirst});
}

void ports(RuleWriter& rule, const std::uint16_t (&range)[2], bool source, bool invert) {
  if (range[0] == 0 && range[1] == 0xFFFF && !invert) return;
  load_port(rule, source);
  rule.in_range(port_bytes(range[0]), port_bytes(range[1]), invert);
}

bool read_nothing(std::uint32_t, Bytes, RuleWriter&) {
  return true;
}

bool read_tcp(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto tcp = read_struct<xt_tcp>(info);
  if (!tcp) return false;
  ports(rule, tcp->spts, true, (tcp->invflags & XT_TCP_INV_SRCPT) != 0);
  ports(rule, tcp->dpts, false, (tcp->invflags & XT_TCP_INV_DSTPT) != 0);
  const bool not_these = (tcp->invflags & XT_TCP_INV_FLAGS) != 0;
  if (tcp->flg_mask != 0 || not_these) {
    rule.add(LoadHeader{Header::Transport, 13, 1, kFirst});
    rule.masked({tcp->flg_mask}, {tcp->flg_cmp}, not_these);
  }
  if (tcp->option != 0) rule.unknown("tcp option " + std::to_string(tcp->option));
  return true;
}

bool read_udp(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto udp = read_struct<xt_udp>(info);
  if (!udp) return false;
  ports(rule, udp->spts, true, (udp->invflags & XT_UDP_INV_SRCPT) != 0);
  ports(rule, udp->dpts, false, (udp->invflags & XT_UDP_INV_DSTPT) != 0);
  return true;
}

bool read_multiport(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  xt_multiport_v1 multi{};
  if (revision == 0) {
    const auto old = read_struct<xt_multiport>(info);
    if (!old) return false;
    multi.flags = old->flags, multi.count = old->count;
    std::copy(std::begin(old->ports), std::end(old->ports), std::begin(multi.ports));
  } else {
    const auto read = read_struct<xt_multiport_v1>(info);
    if (!read) return false;
    multi = *read;
  }
  if (multi.count > XT_MULTI_PORTS || multi.flags > XT_MULTIPORT_DESTINATION) return false;
  std::vector<RuleWriter::Range> ranges;
  for (std::size_t i = 0; i < multi.count; ++i) {
    const std::uint16_t first = multi.ports[i];
    // A range takes two places.
    if (multi.pflags[i] != 0 && ++i >= multi.count) return false;
    ranges.emplace_back(port_bytes(first), port_bytes(multi.ports[i]));
  }
  if (ranges.empty()) return false;
  load_port(rule, multi.flags == XT_MULTIPORT_SOURCE);
  rule.in_any(std::move(ranges), multi.invert != 0);
  return true;
}

// Bits of the mask are states, or for what was translated bits of the connection's status.
void state(RuleWriter& rule, std::uint32_t mask, bool invert) {
  constexpr std::uint32_t kNfUntracked = 1U << 6;
  constexpr std::uint32_t kStates = 0x1F;
  std::uint32_t states = mask & kStates;
  if ((mask & XT_CONNTRACK_STATE_UNTRACKED) != 0) states |= kNfUntracked;
  std::uint32_t status = 0;
  if ((mask & XT_CONNTRACK_STATE_SNAT) != 0) status |= IPS_SRC_NAT;
  if ((mask & XT_CONNTRACK_STATE_DNAT) != 0) status |= IPS_DST_NAT;
  rule.add(LoadFlow{.field = FlowField::State, .to = kFirst});
  Constant bits = machine_bytes(states);
  if (status != 0) {
    rule.add(LoadFlow{.field = FlowField::Status, .to = kSecond, .zero_without = true});
    const Constant more = machine_bytes(status);
    bits.insert(bits.end(), more.begin(), more.end());
  }
  rule.any_bit(bits, invert);
}

Constant address_bytes(const nf_inet_addr& address, IpFamily family) {
  Constant bytes(width_of_address(family));
  std::memcpy(bytes.data(), &address, bytes.size());
  return bytes;
}

bool read_conntrack(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto tracked = read_struct<xt_conntrack_mtinfo3>(info);
  if (revision != 3 || !tracked) return false;
  constexpr std::uint16_t kUnderstood = XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS | XT_CONNTRACK_STATUS |
                                        XT_CONNTRACK_ORIGDST | XT_CONNTRACK_ORIGSRC |
                                        XT_CONNTRACK_ORIGDST_PORT | XT_CONNTRACK_DIRECTION;
  const auto wanted = [&](std::uint16_t flag) { return (tracked->match_flags & flag) != 0; };
  const auto inverted = [&](std::uint16_t flag) { return (tracked->invert_flags & flag) != 0; };
  const IpFamily family = rule.ip_family();
  if (wanted(XT_CONNTRACK_STATE)) state(rule, tracked->state_mask, inverted(XT_CONNTRACK_STATE));
  if (wanted(XT_CONNTRACK_DIRECTION)) {
    rule.add(LoadFlow{.field = FlowField::Direction, .to = kFirst});
    rule.in_range({0}, {0}, inverted(XT_CONNTRACK_DIRECTION));
  }
  if (wanted(XT_CONNTRACK_ORIGSRC)) {
    rule.add(LoadFlow{.field = FlowField::Source, .to = kFirst});
    rule.masked(address_bytes(tracked->origsrc_mask, family), address_bytes(tracked->origsrc_addr, family),
                inverted(XT_CONNTRACK_ORIGSRC));
  }
  if (wanted(XT_CONNTRACK_ORIGDST)) {
    rule.add(LoadFlow{.field = FlowField::Destination, .to = kFirst});
    rule.masked(address_bytes(tracked->origdst_mask, family), address_bytes(tracked->origdst_addr, family),
                inverted(XT_CONNTRACK_ORIGDST));
  }
  if (wanted(XT_CONNTRACK_ORIGDST_PORT)) {
    rule.add(LoadFlow{.field = FlowField::DestinationPort, .to = kFirst});
    rule.in_range(port_bytes(tracked->origdst_port),
                  port_bytes(std::max(tracked->origdst_port, tracked->origdst_port_high)),
                  inverted(XT_CONNTRACK_ORIGDST_PORT));
  }
  if (wanted(XT_CONNTRACK_STATUS)) {
    rule.add(LoadFlow{.field = FlowField::Status, .to = kFirst});
    rule.any_bit(machine_bytes(std::uint32_t{tracked->status_mask}), inverted(XT_CONNTRACK_STATUS));
  }
  return (tracked->match_flags & ~kUnderstood) == 0;
}

bool read_state(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto old = read_struct<xt_state_info>(info);
  if (!old) return false;
  std::uint32_t mask = old->statemask & 0x1F;
  if ((old->statemask & XT_STATE_UNTRACKED) != 0) mask |= XT_CONNTRACK_STATE_UNTRACKED;
  state(rule, mask, false);
  return true;
}

// Of what kind an address is to the routing tables. IPv6 asks somewhat differently, so only for what it is
// common.
bool kind_of_address(RuleWriter& rule, std::uint16_t mask, LoadRoute::About about, bool by_input,
                     bool invert) {
  if (rule.ip_family() == IpFamily::V6 && mask != XT_ADDRTYPE_LOCAL && mask != XT_ADDRTYPE_MULTICAST)
    return false;
  rule.add(LoadRoute{.about = about, .result = LoadRoute::Result::Type, .by_input = by_input, .to = kFirst});
  std::vector<RuleWriter::Range> kinds;
  for (std::uint32_t kind = 0; kind < 16; ++kind) {
    if (((mask >> kind) & 1) != 0) kinds.emplace_back(machine_bytes(kind), machine_bytes(kind));
  }
  rule.in_any(std::move(kinds), invert);
  return true;
}

bool read_addrtype(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto type = read_struct<xt_addrtype_info_v1>(info);
  if (revision != 1 || !type || (type->flags & XT_ADDRTYPE_LIMIT_IFACE_OUT) != 0) return false;
  const bool by_input = (type->flags & XT_ADDRTYPE_LIMIT_IFACE_IN) != 0;
  bool understood = true;
  if (type->source != 0) {
    understood = kind_of_address(rule, type->source, LoadRoute::About::Source, by_input,
                                 (type->flags & XT_ADDRTYPE_INVERT_SOURCE) != 0);
  }
  if (type->dest != 0) {
    understood = kind_of_address(rule, type->dest, LoadRoute::About::Destination, by_input,
                                 (type->flags & XT_ADDRTYPE_INVERT_DEST) != 0) &&
                 understood;
  }
  return understood;
}

bool read_mark(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto mark = read_struct<xt_mark_mtinfo1>(info);
  if (revision != 1 || !mark) return false;
  rule.add(LoadMeta{MetaField::Mark, kFirst});
  rule.masked(machine_bytes(mark->mask), machine_bytes(mark->mark), mark->invert != 0);
  return true;
}

bool read_connmark(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto mark = read_struct<xt_connmark_mtinfo1>(info);
  if (revision != 1 || !mark) return false;
  rule.add(LoadFlow{.field = FlowField::Mark, .to = kFirst});
  rule.masked(machine_bytes(mark->mask), machine_bytes(mark->mark), mark->invert != 0);
  return true;
}

bool read_iprange(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto range = read_struct<xt_iprange_mtinfo>(info);
  if (revision != 1 || !range) return false;
  const IpFamily family = rule.ip_family();
  const auto width = static_cast<std::uint8_t>(width_of_address(family));
  const std::uint32_t source = family == IpFamily::V4 ? 12 : 8;
  const auto add = [&](std::uint32_t offset, const nf_inet_addr& first, const nf_inet_addr& last,
                       bool invert) {
    rule.add(LoadHeader{Header::Network, offset, width, kFirst});
    rule.in_range(address_bytes(first, family), address_bytes(last, family), invert);
  };
  if ((range->flags & IPRANGE_SRC) != 0)
    add(source, range->src_min, range->src_max, (range->flags & IPRANGE_SRC_INV) != 0);
  if ((range->flags & IPRANGE_DST) != 0)
    add(source + width, range->dst_min, range->dst_max, (range->flags & IPRANGE_DST_INV) != 0);
  return true;
}

bool read_pkttype(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto type = read_struct<xt_pkttype_info>(info);
  if (!type || type->pkttype < 0 || type->pkttype > 0xFF) return false;
  rule.add(LoadMeta{MetaField::PacketType, kFirst});
  const Constant value{static_cast<std::uint8_t>(type->pkttype)};
  rule.in_range(value, value, type->invert != 0);
  return true;
}

bool read_limit(std::uint32_t, Bytes, RuleWriter& rule) {
  rule.add(Limit{});
  return true;
}

bool read_hashlimit(std::uint32_t revision, Bytes info, RuleWriter& rule) {
  std::uint32_t mode = 0;
  const auto take = [&mode](const auto& read) {
    if (read) mode = read->cfg.mode;
    return read.has_value();
  };
  const bool is_read = revision == 1   ? take(read_struct<xt_hashlimit_mtinfo1>(info))
                       : revision == 2 ? take(read_struct<xt_hashlimit_mtinfo2>(info))
                                       : take(read_struct<xt_hashlimit_mtinfo3>(info));
  if (!is_read || (mode & XT_HASHLIMIT_RATE_MATCH) != 0) return false;
  rule.add(Limit{(mode & XT_HASHLIMIT_INVERT) != 0});
  return true;
}

bool read_connlimit(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto limit = read_struct<xt_connlimit_info>(info);
  if (!limit) return false;
  rule.add(Limit{(limit->flags & XT_CONNLIMIT_INVERT) == 0});
  return true;
}

// Of who came often before: an ordinary sender has not. Whether somebody came at all nobody can know.
bool read_recent(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto recent = read_struct<xt_recent_mtinfo>(info);
  if (!recent) return false;
  if ((recent->check_set & XT_RECENT_SET) != 0 && recent->invert == 0) return true;  // fits always
  if ((recent->check_set & (XT_RECENT_CHECK | XT_RECENT_UPDATE)) == 0 || recent->hit_count < 2) return false;
  rule.add(Limit{recent->invert == 0});
  return true;
}

bool read_rpfilter(std::uint32_t, Bytes info, RuleWriter& rule) {
  const auto filter = read_struct<xt_rpfilter_info>(info);
  if (!filter || (filter->flags & (XT_RPFILTER_LOOSE | XT_RPFILTER_ACCEPT_LOCAL)) != 0) return false;
  rule.add(LoadRoute{.about = LoadRoute::About::Source,
                     .result = LoadRoute::Result::Index,
                     .by_input = true,
                     .present = true,
                     .to = kFirst});
  const Constant found = machine_bytes(std::uint32_t{1});
  rule.in_range(found, found, (filter->flags & XT_RPFILTER_INVERT) != 0);
  return true;
}

// Extension headers that the first packet of a connection does not usually have.
bool read_rare_header(std::uint32_t, Bytes, RuleWriter& rule) {
  rule.add(Limit{true});
  return true;
}

struct Known {
  std::string_view name;
  Reader read;
};
constexpr std::array kKnown{
    Known{"addrtype", read_addrtype},
    Known{"comment", read_nothing},
    Known{"connlimit", read_connlimit},
    Known{"connmark", read_connmark},
    Known{"conntrack", read_conntrack},
    Known{"frag", read_rare_header},
    Known{"hashlimit", read_hashlimit},
    Known{"iprange", read_iprange},
    Known{"limit", read_limit},
    Known{"mark", read_mark},
    Known{"mh", read_rare_header},
    Known{"multiport", read_multiport},
    Known{"pkttype", read_pkttype},
    Known{"recent", read_recent},
    Known{"rpfilter", read_rpfilter},
    Known{"rt", read_rare_header},
    Known{"srh", read_rare_header},
    Known{"state", read_state},
    Known{"tcp", read_tcp},
    Known{"udp", read_udp},
};

}  // namespace

void add_xt_match(std::string_view name, std::uint32_t revision, Bytes info, RuleWriter& rule) {
  const auto known =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& each) { return each.name == name; });
  if (known == kKnown.end() || !known->read(revision, info, rule))
    rule.unknown("xt match " + std::string(name));
}

}  // namespace sockwatch::firewall
