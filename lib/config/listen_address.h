// SPDX-License-Identifier: Apache-2.0
// Where the HTTP server listens, as people write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/endpoint.h"

namespace sockwatch {

// The address :: stands for every address of both families.
struct ListenAddress {
  IpAddress address{};
  std::uint16_t port = 0;
  std::string zone{};  // "eth0" of fe80::1%eth0
  std::string host{};  // a name that is looked up when the server starts, in place of the address

  bool is_everywhere() const { return host.empty() && address.is_unspecified(); }

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// "127.0.0.1:10762", "[::1]:10762", "[fe80::1%eth0]:10762", "localhost:10762", ":10762" (every address). The
// error says what was expected.
Result<ListenAddress> parse_listen_address(std::string_view text);
std::string to_string(const ListenAddress& address);

}  // namespace sockwatch
