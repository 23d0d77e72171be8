// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/nft_expressions.h"

#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "lib/firewall/nft_expr.h"
#include "lib/firewall/nft_loads.h"
#include "lib/firewall/xt_matches.h"
#include "lib/firewall/xt_targets.h"

namespace sockwatch::firewall {
namespace {

using Reader = void (*)(const Expr& expr, RuleWriter& rule);

void nothing(const Expr&, RuleWriter&) {}

void read_compare(const Expr& expr, RuleWriter& rule) {
  const std::uint32_t operation = expr.u32(NFTNL_EXPR_CMP_OP);
  if (operation > NFT_CMP_GTE) return rule.unknown("comparison " + std::to_string(operation));
  constexpr std::array kComparisons{Comparison::Equal,   Comparison::NotEqual,
                                    Comparison::Less,    Comparison::LessOrEqual,
                                    Comparison::Greater, Comparison::GreaterOrEqual};
  rule.add(Compare{expr.reg(NFTNL_EXPR_CMP_SREG), kComparisons[operation], expr.bytes(NFTNL_EXPR_CMP_DATA)});
}

void read_range(const Expr& expr, RuleWriter& rule) {
  rule.add(InRange{expr.reg(NFTNL_EXPR_RANGE_SREG), expr.bytes(NFTNL_EXPR_RANGE_FROM_DATA),
                   expr.bytes(NFTNL_EXPR_RANGE_TO_DATA), expr.u32(NFTNL_EXPR_RANGE_OP) == NFT_RANGE_NEQ});
}

void read_bitwise(const Expr& expr, RuleWriter& rule) {
  const Register from = expr.reg(NFTNL_EXPR_BITWISE_SREG);
  const Register to = expr.reg(NFTNL_EXPR_BITWISE_DREG);
  const std::uint32_t operation = expr.u32(NFTNL_EXPR_BITWISE_OP);
  if (operation == NFT_BITWISE_BOOL) {
    rule.add(Bitwise{from, to, expr.bytes(NFTNL_EXPR_BITWISE_MASK), expr.bytes(NFTNL_EXPR_BITWISE_XOR)});
    return;
  }
  const Constant bits = expr.bytes(NFTNL_EXPR_BITWISE_DATA);
  const std::uint32_t length = expr.u32(NFTNL_EXPR_BITWISE_LEN);
  if (operation > NFT_BITWISE_RSHIFT || bits.empty() || length > kRegisterBytes)
    return rule.add(LoadUnknown{"bitwise operation " + std::to_string(operation), 16, to});
  rule.add(Shift{from, to, static_cast<std::uint8_t>(length), bits.front(), operation == NFT_BITWISE_LSHIFT});
}

void read_byteorder(const Expr& expr, RuleWriter& rule) {
  rule.add(
      ByteOrder{expr.reg(NFTNL_EXPR_BYTEORDER_SREG), expr.reg(NFTNL_EXPR_BYTEORDER_DREG),
                static_cast<std::uint8_t>(std::min<std::uint32_t>(expr.u32(NFTNL_EXPR_BYTEORDER_LEN), 64)),
                static_cast<std::uint8_t>(std::min<std::uint32_t>(expr.u32(NFTNL_EXPR_BYTEORDER_SIZE), 64))});
}

void read_immediate(const Expr& expr, RuleWriter& rule) {
  if (expr.u32(NFTNL_EXPR_IMM_DREG) != NFT_REG_VERDICT) {
    rule.add(Immediate{expr.bytes(NFTNL_EXPR_IMM_DATA), expr.reg(NFTNL_EXPR_IMM_DREG)});
    return;
  }
  const std::string chain = expr.text(NFTNL_EXPR_IMM_CHAIN);
  rule.add(verdict_of(static_cast<int>(expr.u32(NFTNL_EXPR_IMM_VERDICT)), chain.c_str()));
}

void read_lookup(const Expr& expr, RuleWriter& rule) {
  const bool has_register = expr.has(NFTNL_EXPR_LOOKUP_DREG);
  const bool to_verdict = has_register && expr.u32(NFTNL_EXPR_LOOKUP_DREG) == NFT_REG_VERDICT;
  rule.add(Lookup{.from = expr.reg(NFTNL_EXPR_LOOKUP_SREG),
                  .set = expr.text(NFTNL_EXPR_LOOKUP_SET),
                  .invert = (expr.u32(NFTNL_EXPR_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV) != 0,
                  .to_verdict = to_verdict,
                  .to_register = has_register && !to_verdict,
                  .to = expr.reg(NFTNL_EXPR_LOOKUP_DREG)});
}

void read_limit(const Expr& expr, RuleWriter& rule) {
  rule.add(Limit{(expr.u32(NFTNL_EXPR_LIMIT_FLAGS) & NFT_LIMIT_F_INV) != 0});
}

void read_connlimit(const Expr& expr, RuleWriter& rule) {
  rule.add(Limit{(expr.u32(NFTNL_EXPR_CONNLIMIT_FLAGS) & NFT_CONNLIMIT_F_INV) != 0});
}

void read_nat(const Expr& expr, RuleWriter& rule) {
  if (expr.u32(NFTNL_EXPR_NAT_TYPE) == NFT_NAT_SNAT) return rule.add(NewSource{});
  const std::uint32_t family = expr.u32(NFTNL_EXPR_NAT_FAMILY);
  const auto last = [&expr](std::uint16_t wanted, std::uint16_t instead) {
    return expr.reg(expr.has(wanted) ? wanted : instead);
  };
  rule.add(NewDestination{
      .family = family == NFPROTO_IPV6 ? IpFamily::V6 : IpFamily::V4,
      .any_family = family == NFPROTO_INET,
      .has_address = expr.has(NFTNL_EXPR_NAT_REG_ADDR_MIN),
      .has_port = expr.has(NFTNL_EXPR_NAT_REG_PROTO_MIN),
      .address = expr.reg(NFTNL_EXPR_NAT_REG_ADDR_MIN),
      .last_address = last(NFTNL_EXPR_NAT_REG_ADDR_MAX, NFTNL_EXPR_NAT_REG_ADDR_MIN),
      .port = expr.reg(NFTNL_EXPR_NAT_REG_PROTO_MIN),
      .last_port = last(NFTNL_EXPR_NAT_REG_PROTO_MAX, NFTNL_EXPR_NAT_REG_PROTO_MIN),
      .keeps_host_part = (expr.u32(NFTNL_EXPR_NAT_FLAGS) & 0x40) != 0});  // NF_NAT_RANGE_NETMAP
}

void read_redirect(const Expr& expr, RuleWriter& rule) {
  const bool several = expr.has(NFTNL_EXPR_REDIR_REG_PROTO_MAX);
  rule.add(ToThisMachine{
      .has_port = expr.has(NFTNL_EXPR_REDIR_REG_PROTO_MIN),
      .port = expr.reg(NFTNL_EXPR_REDIR_REG_PROTO_MIN),
      .last_port = expr.reg(several ? NFTNL_EXPR_REDIR_REG_PROTO_MAX : NFTNL_EXPR_REDIR_REG_PROTO_MIN)});
}

void read_tproxy(const Expr& expr, RuleWriter& rule) {
  rule.add(ToProxy{.has_port = expr.has(NFTNL_EXPR_TPROXY_REG_PORT),
                   .port = expr.reg(NFTNL_EXPR_TPROXY_REG_PORT)});
}

// An element is added for each packet; with a limit inside, that decides, else it fails only in a full set.
void read_dynset(const Expr& expr, RuleWriter& rule) {
  if (expr.u32(NFTNL_EXPR_DYNSET_OP) > NFT_DYNSET_OP_UPDATE) return;
  bool over = (expr.u32(NFTNL_EXPR_DYNSET_FLAGS) & NFT_DYNSET_F_INV) != 0;
  if (expr.has(NFTNL_EXPR_DYNSET_EXPR)) {
    const auto* inner = static_cast<const nftnl_expr*>(
        nftnl_expr_get(&expr.raw(), NFTNL_EXPR_DYNSET_EXPR, std::array<std::uint32_t, 1>{}.data()));
    if (inner != nullptr) {
      const Expr nested(*inner);
      const std::string name = nested.text(NFTNL_EXPR_NAME);
      if (name == "limit") over = (nested.u32(NFTNL_EXPR_LIMIT_FLAGS) & NFT_LIMIT_F_INV) != 0;
      if (name == "connlimit") over = (nested.u32(NFTNL_EXPR_CONNLIMIT_FLAGS) & NFT_CONNLIMIT_F_INV) != 0;
      if (name == "quota") return rule.unknown("quota");
    }
  }
  if (expr.has(NFTNL_EXPR_DYNSET_EXPRESSIONS)) return rule.unknown("several conditions of a dynamic set");
  rule.add(Limit{over});
}

void read_object(const Expr& expr, RuleWriter& rule) {
  if (!expr.has(NFTNL_EXPR_OBJREF_IMM_TYPE)) return rule.unknown("an object chosen by a map");
  switch (expr.u32(NFTNL_EXPR_OBJREF_IMM_TYPE)) {
    case NFT_OBJECT_QUOTA:
      return rule.unknown("quota");
    case NFT_OBJECT_LIMIT:
      return rule.unknown("named limit");
    case NFT_OBJECT_CONNLIMIT:
      return rule.unknown("named ct count");
    case NFT_OBJECT_SYNPROXY:
      return rule.add(Undecidable{"synproxy"});
    default:
      return;  // counters, helpers, timeouts
  }
}

void read_match(const Expr& expr, RuleWriter& rule) {
  const Constant info = expr.bytes(NFTNL_EXPR_MT_INFO);
  add_xt_match(expr.text(NFTNL_EXPR_MT_NAME), expr.u32(NFTNL_EXPR_MT_REV), std::as_bytes(std::span(info)),
               rule);
}

void read_target(const Expr& expr, RuleWriter& rule) {
  const Constant info = expr.bytes(NFTNL_EXPR_TG_INFO);
  add_xt_target(expr.text(NFTNL_EXPR_TG_NAME), expr.u32(NFTNL_EXPR_TG_REV), std::as_bytes(std::span(info)),
                rule);
}

struct Known {
  std::string_view name;
  Reader read;
};
constexpr std::array kKnown{
    Known{"bitwise", read_bitwise},
    Known{"byteorder", read_byteorder},
    Known{"cmp", read_compare},
    Known{"connlimit", read_connlimit},
    Known{"counter", nothing},
    Known{"dup", nothing},
    Known{"dynset", read_dynset},
    Known{"flow_offload", nothing},
    Known{"immediate", read_immediate},
    Known{"last", nothing},
    Known{"limit", read_limit},
    Known{"log", nothing},
    Known{"lookup", read_lookup},
    Known{"masq", [](const Expr&, RuleWriter& rule) { rule.add(NewSource{}); }},
    Known{"match", read_match},
    Known{"nat", read_nat},
    Known{"notrack", [](const Expr&, RuleWriter& rule) { rule.add(Untrack{}); }},
    Known{"objref", read_object},
    Known{"quota", [](const Expr&, RuleWriter& rule) { rule.unknown("quota"); }},
    Known{"range", read_range},
    Known{"redir", read_redirect},
    Known{"reject", [](const Expr&, RuleWriter& rule) { rule.add(Verdict{Verdict::Kind::Drop}); }},
    Known{"target", read_target},
    Known{"tproxy", read_tproxy},
};
}  // namespace

Expression verdict_of(int code, const char* chain) {
  switch (code) {
    case NF_ACCEPT:
      return Verdict{Verdict::Kind::Accept};
    case NF_DROP:
      return Verdict{Verdict::Kind::Drop};
    case NFT_CONTINUE:
      return Verdict{Verdict::Kind::Continue};
    case NFT_RETURN:
      return Verdict{Verdict::Kind::Return};
    case NFT_JUMP:
      return Verdict{Verdict::Kind::Jump, chain == nullptr ? "" : chain};
    case NFT_GOTO:
      return Verdict{Verdict::Kind::Goto, chain == nullptr ? "" : chain};
    default:
      return Undecidable{"verdict " + std::to_string(code)};
  }
}

void add_nft_expression(const nftnl_expr& expression, RuleWriter& rule) {
  const Expr expr(expression);
  const std::string name = expr.text(NFTNL_EXPR_NAME);
  const auto known =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& each) { return each.name == name; });
  if (known != kKnown.end()) return known->read(expr, rule);
  if (add_nft_load(name, expr, rule)) return;
  rule.add(Undecidable{"expression " + name});
}

}  // namespace sockwatch::firewall
