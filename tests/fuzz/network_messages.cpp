// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message of rtnetlink, and as the tables of multicast groups; then the questions asked of it.
#include <span>

#include "lib/firewall/network_builder.h"
#include "lib/reach/reach.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const Bytes bytes = std::as_bytes(std::span(data, size));
  firewall::NetworkBuilder builder;
  builder.add_link(bytes);
  builder.add_address(bytes);
  builder.add_route(bytes);
  builder.add_rule(bytes);
  builder.add_filter(bytes);
  builder.add_groups_v4(fuzz::text(data, size));
  builder.add_groups_v6(fuzz::text(data, size));
  builder.network().prepare();
  const firewall::Ruleset rules;
  const firewall::Reach reach = firewall::ReachQuestion(rules, builder.network()).ask({.covers_ipv4 = true});
  fuzz::require(reach.word != firewall::ReachWord::Filtered);
  return 0;
}
