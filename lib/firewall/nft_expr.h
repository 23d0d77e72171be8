// SPDX-License-Identifier: Apache-2.0
// An expression as libnftnl has parsed it, read by attribute; what is not there is 0 or empty.
#pragma once

// First: libnftnl's header wants FILE.
#include <cstdio>

#include <libnftnl/expr.h>
#include <linux/netfilter/nf_tables.h>

#include <cstdint>
#include <string>

#include "lib/reach/expression.h"

namespace sockwatch::firewall {

class Expr {
 public:
  explicit Expr(const nftnl_expr& expression) : expression_(expression) {}

  bool has(std::uint16_t attribute) const { return nftnl_expr_is_set(&expression_, attribute); }
  std::uint32_t u32(std::uint16_t attribute) const {
    return has(attribute) ? nftnl_expr_get_u32(&expression_, attribute) : 0;
  }
  std::uint8_t u8(std::uint16_t attribute) const {
    return has(attribute) ? nftnl_expr_get_u8(&expression_, attribute) : std::uint8_t{0};
  }
  std::string text(std::uint16_t attribute) const {
    const char* found = has(attribute) ? nftnl_expr_get_str(&expression_, attribute) : nullptr;
    return found == nullptr ? std::string() : found;
  }
  Constant bytes(std::uint16_t attribute) const {
    std::uint32_t length = 0;
    const auto* data =
        has(attribute) ? static_cast<const std::uint8_t*>(nftnl_expr_get(&expression_, attribute, &length))
                       : nullptr;
    return data == nullptr ? Constant() : Constant(data, data + length);
  }
  // Registers of 16 bytes are numbered 1 to 4, those of 4 bytes from 8 on; the verdict's is none of ours.
  Register reg(std::uint16_t attribute) const {
    const std::uint32_t number = u32(attribute);
    if (number >= NFT_REG_1 && number <= NFT_REG_4) return static_cast<Register>((number - NFT_REG_1) * 16);
    if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
      return static_cast<Register>((number - NFT_REG32_00) * 4);
    return kRegisterBytes;
  }
  const nftnl_expr& raw() const { return expression_; }

 private:
  const nftnl_expr& expression_;
};

}  // namespace sockwatch::firewall
