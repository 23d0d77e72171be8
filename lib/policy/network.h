// SPDX-License-Identifier: Apache-2.0
// A block of addresses: "10.0.0.0/8", or one address.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/endpoint.h"

namespace sockwatch {

struct Network {
  IpAddress address;
  unsigned prefix = 0;  // leading bits that count; those behind them are zero

  bool contains(const IpAddress& other) const;

  friend auto operator<=>(const Network&, const Network&) = default;
};

// The network of just this address.
Network network_of(const IpAddress& address);

// An address or a CIDR. The error quotes the text and says what was expected: an address, a shorter prefix,
// no bits behind the prefix (they are a sign that something else was meant).
Result<Network> parse_network(std::string_view text);

// "10.0.0.0/8"
std::string to_string(const Network& network);

}  // namespace sockwatch
