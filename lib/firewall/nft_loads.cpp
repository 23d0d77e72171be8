// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/nft_loads.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace sockwatch::firewall {
namespace {

constexpr std::uint8_t kUnknownLength = 16;  // of a value nobody reads, and what it may overwrite

void unknown_value(RuleWriter& rule, const std::string& what, Register to) {
  rule.add(LoadUnknown{.what = what, .length = kUnknownLength, .to = to});
}

void read_payload(const Expr& expr, RuleWriter& rule) {
  const std::uint32_t base = expr.u32(NFTNL_EXPR_PAYLOAD_BASE);
  const std::uint32_t offset = expr.u32(NFTNL_EXPR_PAYLOAD_OFFSET);
  const std::uint32_t length = expr.u32(NFTNL_EXPR_PAYLOAD_LEN);
  if (base > NFT_PAYLOAD_TRANSPORT_HEADER + 1 || length > kRegisterBytes || offset > 0xFFFF)
    return rule.add(Undecidable{"payload expression"});
  const auto header = static_cast<Header>(base);
  const auto size = static_cast<std::uint8_t>(length);
  if (expr.has(NFTNL_EXPR_PAYLOAD_SREG)) {
    rule.add(WriteHeader{header, offset, size, expr.reg(NFTNL_EXPR_PAYLOAD_SREG)});
  } else {
    rule.add(LoadHeader{header, offset, size, expr.reg(NFTNL_EXPR_PAYLOAD_DREG)});
  }
}

std::optional<MetaField> meta_field(std::uint32_t key) {
  switch (key) {
    case NFT_META_IIF:
      return MetaField::InputIndex;
    case NFT_META_OIF:
      return MetaField::OutputIndex;
    case NFT_META_IIFNAME:
      return MetaField::InputName;
    case NFT_META_OIFNAME:
      return MetaField::OutputName;
    case NFT_META_IIFTYPE:
      return MetaField::InputType;
    case NFT_META_OIFTYPE:
      return MetaField::OutputType;
    case NFT_META_IIFGROUP:
      return MetaField::InputGroup;
    case NFT_META_OIFGROUP:
      return MetaField::OutputGroup;
    case NFT_META_MARK:
      return MetaField::Mark;
    case NFT_META_PROTOCOL:
      return MetaField::EtherType;
    case NFT_META_NFPROTO:
      return MetaField::Family;
    case NFT_META_L4PROTO:
      return MetaField::Transport;
    case NFT_META_PKTTYPE:
      return MetaField::PacketType;
    default:
      return std::nullopt;
  }
}

void read_meta(const Expr& expr, RuleWriter& rule) {
  const std::uint32_t key = expr.u32(NFTNL_EXPR_META_KEY);
  const std::string name = "meta key " + std::to_string(key);
  if (expr.has(NFTNL_EXPR_META_SREG)) {
    if (key == NFT_META_MARK) return rule.add(SetMark{.from = expr.reg(NFTNL_EXPR_META_SREG)});
    const bool harmless = key == NFT_META_NFTRACE || key == NFT_META_PRIORITY || key == NFT_META_SECMARK;
    if (!harmless) rule.add(Undecidable{"setting " + name});
    return;
  }
  const Register to = expr.reg(NFTNL_EXPR_META_DREG);
  if (const auto field = meta_field(key)) return rule.add(LoadMeta{*field, to});
  const bool of_owner = key == NFT_META_SKUID || key == NFT_META_SKGID;
  unknown_value(rule, of_owner ? "meta skuid or skgid" : name, to);
}

std::optional<FlowField> flow_field(std::uint32_t key) {
  switch (key) {
    case NFT_CT_STATE:
      return FlowField::State;
    case NFT_CT_DIRECTION:
      return FlowField::Direction;
    case NFT_CT_STATUS:
      return FlowField::Status;
    case NFT_CT_MARK:
      return FlowField::Mark;
    case NFT_CT_ZONE:
      return FlowField::Zone;
    case NFT_CT_L3PROTOCOL:
      return FlowField::Family;
    case NFT_CT_PROTOCOL:
      return FlowField::Transport;
    case NFT_CT_SRC:
    case NFT_CT_SRC_IP:
    case NFT_CT_SRC_IP6:
      return FlowField::Source;
    case NFT_CT_DST:
    case NFT_CT_DST_IP:
    case NFT_CT_DST_IP6:
      return FlowField::Destination;
    case NFT_CT_PROTO_SRC:
      return FlowField::SourcePort;
    case NFT_CT_PROTO_DST:
      return FlowField::DestinationPort;
    default:
      return std::nullopt;
  }
}

void read_ct(const Expr& expr, RuleWriter& rule) {
  const std::uint32_t key = expr.u32(NFTNL_EXPR_CT_KEY);
  if (expr.has(NFTNL_EXPR_CT_SREG)) {
    if (key == NFT_CT_MARK) rule.add(SetMark{.from = expr.reg(NFTNL_EXPR_CT_SREG), .of_flow = true});
    return;  // zones, labels, events: they show in nothing that is evaluated as known
  }
  const Register to = expr.reg(NFTNL_EXPR_CT_DREG);
  const bool of_replies = expr.has(NFTNL_EXPR_CT_DIR) && expr.u8(NFTNL_EXPR_CT_DIR) != 0;
  const auto field = flow_field(key);
  if (field && !of_replies) return rule.add(LoadFlow{.field = *field, .to = to});
  unknown_value(rule, "ct key " + std::to_string(key), to);
}

void read_fib(const Expr& expr, RuleWriter& rule) {
  const std::uint32_t flags = expr.u32(NFTNL_EXPR_FIB_FLAGS);
  const std::uint32_t result = expr.u32(NFTNL_EXPR_FIB_RESULT);
  const Register to = expr.reg(NFTNL_EXPR_FIB_DREG);
  if (result < NFT_FIB_RESULT_OIF || result > NFT_FIB_RESULT_ADDRTYPE) return unknown_value(rule, "fib", to);
  constexpr std::array kResults{LoadRoute::Result::Index, LoadRoute::Result::Name, LoadRoute::Result::Type};
  rule.add(LoadRoute{
      .about = (flags & NFTA_FIB_F_SADDR) != 0 ? LoadRoute::About::Source : LoadRoute::About::Destination,
      .result = kResults[result - NFT_FIB_RESULT_OIF],
      .by_input = (flags & NFTA_FIB_F_IIF) != 0,
      .by_output = (flags & NFTA_FIB_F_OIF) != 0,
      .by_mark = (flags & NFTA_FIB_F_MARK) != 0,
      .present = (flags & NFTA_FIB_F_PRESENT) != 0,
      .to = to});
}

void read_numgen(const Expr& expr, RuleWriter& rule) {
  rule.add(LoadUnknown{.what = "numgen",
                       .length = 4,
                       .to = expr.reg(NFTNL_EXPR_NG_DREG),
                       .choices = expr.u32(NFTNL_EXPR_NG_MODULUS),
                       .first = expr.u32(NFTNL_EXPR_NG_OFFSET)});
}

void read_hash(const Expr& expr, RuleWriter& rule) {
  rule.add(LoadUnknown{.what = "hash",
                       .length = 4,
                       .to = expr.reg(NFTNL_EXPR_HASH_DREG),
                       .choices = expr.u32(NFTNL_EXPR_HASH_MODULUS),
                       .first = expr.u32(NFTNL_EXPR_HASH_OFFSET)});
}

void read_exthdr(const Expr& expr, RuleWriter& rule) {
  if (expr.has(NFTNL_EXPR_EXTHDR_DREG))
    unknown_value(rule, "options and extension headers", expr.reg(NFTNL_EXPR_EXTHDR_DREG));
}

struct Known {
  std::string_view name;
  void (*read)(const Expr& expr, RuleWriter& rule);
};
constexpr std::array kKnown{
    Known{"ct", read_ct},           Known{"exthdr", read_exthdr}, Known{"fib", read_fib},
    Known{"hash", read_hash},       Known{"meta", read_meta},     Known{"numgen", read_numgen},
    Known{"payload", read_payload},
};
// They put something nobody knows into a register.
struct Loads {
  std::string_view name;
  std::uint16_t to;
};
constexpr std::array kLoads{Loads{"osf", NFTNL_EXPR_OSF_DREG}, Loads{"rt", NFTNL_EXPR_RT_DREG},
                            Loads{"socket", NFTNL_EXPR_SOCKET_DREG}, Loads{"tunnel", NFTNL_EXPR_TUNNEL_DREG},
                            Loads{"xfrm", NFTNL_EXPR_XFRM_DREG}};

}  // namespace

bool add_nft_load(std::string_view name, const Expr& expr, RuleWriter& rule) {
  const auto named = [name](const auto& each) { return each.name == name; };
  if (const auto known = std::find_if(kKnown.begin(), kKnown.end(), named); known != kKnown.end()) {
    known->read(expr, rule);
    return true;
  }
  const auto loads = std::find_if(kLoads.begin(), kLoads.end(), named);
  if (loads == kLoads.end()) return false;
  unknown_value(rule, std::string(name), expr.reg(loads->to));
  return true;
}

}  // namespace sockwatch::firewall
