// SPDX-License-Identifier: Apache-2.0
// What a TLS client offers in the first message of a handshake (RFC 8446 4.1.2), as far as it decides whether
// there is anything to agree on. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sockwatch {

struct ClientHello {
  std::vector<std::uint16_t> suites;
  std::vector<std::uint16_t> versions;  // 0x0304 is TLS 1.3

  bool offers(std::uint16_t version) const;
};

// The body of the message, behind its type and length. Nothing where it is malformed.
std::optional<ClientHello> read_client_hello(std::span<const std::uint8_t> body);

}  // namespace sockwatch
