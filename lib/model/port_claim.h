// SPDX-License-Identifier: Apache-2.0
// What one way of asking the kernel says about which ports strangers can reach. Several ways are asked about
// the same ports, because whoever hides a listener from one rarely hides it from all
// (lib/crosscheck/cross_check.h).
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// A TCP listener or an unconnected UDP socket, in host byte order. `inode` is the socket's; 0 where the
// witness only knows that the port is taken.
struct PortClaim {
  Protocol protocol = Protocol::Tcp;
  std::uint32_t port = 0;
  std::uint32_t inode = 0;

  friend auto operator<=>(const PortClaim&, const PortClaim&) = default;
};

class PortWitness {
 public:
  virtual ~PortWitness() = default;

  // For a person: "sock_diag".
  virtual std::string_view name() const = 0;
  // Every claim in the network namespace of the calling thread, in any order. An error where the answer would
  // be incomplete: absence from an answer is evidence.
  virtual Result<std::vector<PortClaim>> ask() = 0;
  // False for a witness that cannot deny a port, only claim it.
  virtual bool may_deny() const { return true; }
};

}  // namespace sockwatch
