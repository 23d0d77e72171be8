// SPDX-License-Identifier: Apache-2.0
// Any bytes as the struct of every match and target of iptables: revision, name and family come first.
#include <array>
#include <span>
#include <string_view>

#include "lib/firewall/xt_matches.h"
#include "lib/firewall/xt_targets.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch::firewall;
  if (size < 2) return 0;
  constexpr std::array<std::string_view, 20> kMatches{
      "addrtype", "comment", "connlimit", "connmark", "conntrack", "frag",    "hashlimit",
      "iprange",  "limit",   "mark",      "mh",       "multiport", "pkttype", "recent",
      "rpfilter", "rt",      "srh",       "state",    "tcp",       "udp"};
  constexpr std::array<std::string_view, 9> kTargets{"CONNMARK",   "CT",       "DNAT",   "LOG",   "MARK",
                                                     "MASQUERADE", "REDIRECT", "REJECT", "TPROXY"};
  const auto info = std::as_bytes(std::span(data, size).subspan(2));
  Ruleset rules;
  std::vector<Expression> expressions;
  RuleWriter rule(rules, (data[0] & 1) != 0 ? TableFamily::Ip6 : TableFamily::Ip, "t", expressions);
  const std::uint32_t revision = data[0] >> 1;
  add_xt_match(kMatches[data[1] % kMatches.size()], revision, info, rule);
  add_xt_target(kTargets[data[1] % kTargets.size()], revision, info, rule);
  sockwatch::fuzz::require(expressions.size() < 64);
  return 0;
}
