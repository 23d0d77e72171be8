// SPDX-License-Identifier: Apache-2.0
// A port that one way of asking the kernel shows and another denies: somebody hides a listener, or a fault of
// the kernel does.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "lib/model/socket_record.h"

namespace sockwatch {

struct HiddenPort {
  Protocol protocol = Protocol::Tcp;
  std::uint32_t port = 0;
  std::string denied_by;  // "sock_diag"
  std::string shown_by;   // "BPF iterator"

  friend auto operator<=>(const HiddenPort&, const HiddenPort&) = default;
};

}  // namespace sockwatch
