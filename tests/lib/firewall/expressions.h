// SPDX-License-Identifier: Apache-2.0
// Expressions as the kernel would send them, put together by libnftnl.
#pragma once

#include <libnftnl/expr.h>
#include <linux/netfilter/nf_tables.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "lib/firewall/nft_expressions.h"
#include "tests/lib/firewall/decoded.h"

namespace sockwatch::firewall {

struct FreeExpression {
  void operator()(nftnl_expr* expression) const { nftnl_expr_free(expression); }
};
using OwnedExpression = std::unique_ptr<nftnl_expr, FreeExpression>;

// Attributes that are numbers of 32 bits.
inline OwnedExpression expression(const char* name,
                                  const std::vector<std::pair<int, std::uint32_t>>& numbers) {
  OwnedExpression made(nftnl_expr_alloc(name));
  for (const auto& [attribute, number] : numbers)
    nftnl_expr_set_u32(made.get(), static_cast<std::uint16_t>(attribute), number);
  return made;
}

inline Decoded decoded(const OwnedExpression& made) {
  Decoded result;
  add_nft_expression(*made, result.writer());
  return result;
}

inline Decoded decode(const char* name, const std::vector<std::pair<int, std::uint32_t>>& numbers) {
  return decoded(expression(name, numbers));
}

}  // namespace sockwatch::firewall
