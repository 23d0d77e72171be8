// SPDX-License-Identifier: Apache-2.0
// Rules that come with sockwatch, so that a fresh installation is quiet about itself and about sockets that
// are no services. The administrator's rules come first and can decide otherwise.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "lib/config/listen_address.h"
#include "lib/policy/rule.h"

namespace sockwatch {

inline constexpr std::string_view kMetricsRule = "sockwatch-metrics";
inline constexpr std::string_view kClientSocketsRule = "udp-client-sockets";
inline constexpr std::string_view kHelperPortsRule = "loopback-helper-ports";
inline constexpr std::string_view kUnixRule = "unix-sockets";
inline constexpr std::string_view kPacketRule = "quiet-packet-sockets";
inline constexpr std::string_view kNetworkRule = "network-configuration";
inline constexpr std::string_view kRawRule = "raw-sockets";

// Names that appear in verdicts without being a rule of the administrator's: no rule may take them.
inline constexpr std::array kReservedNames = {kMetricsRule,
                                              kClientSocketsRule,
                                              kHelperPortsRule,
                                              kUnixRule,
                                              kPacketRule,
                                              kNetworkRule,
                                              kRawRule,
                                              std::string_view("learned"),
                                              std::string_view("default")};

// `metrics` is where our own HTTP server listens; the first rules are about it, one an address.
std::vector<Rule> built_in_rules(const std::vector<ListenAddress>& metrics);

// That our own pages are expected, wherever they are served.
Rule own_pages();

// From now on our own pages are these sockets alone: an address is anybody's who comes first.
void expect_only(std::span<const OwnSocket> own, std::vector<Rule>& built_in);

}  // namespace sockwatch
