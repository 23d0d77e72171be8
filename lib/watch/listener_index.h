// SPDX-License-Identifier: Apache-2.0
// Which listener, if any, took a connection: the most specific one on the connection's local address and
// port, as the kernel would choose (inet_hashtables.c: compute_score). A flat table by port in front, so that
// the common answer "none" costs one load.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lib/model/listener.h"

namespace sockwatch {

class ListenerIndex {
 public:
  // Positions are into `listeners`, which must be sorted by key.
  explicit ListenerIndex(std::span<const Listener> listeners);

  std::optional<std::size_t> find(const SocketRecord& connection) const;

 private:
  struct Place {
    ListenerKey key;
    std::size_t position;
    bool covers_ipv4;
  };
  static bool takes(const Place& place, const SocketRecord& connection);

  std::vector<std::uint8_t> any_on_port_;  // 65536 flags
  std::vector<Place> places_;              // sorted by port, then the more specific first
};

}  // namespace sockwatch
