// SPDX-License-Identifier: Apache-2.0
// Which listener, if any, took a connection: the most specific one on the connection's local address and
// port, as the kernel would choose (inet_hashtables.c: compute_score). A flat table by port, so that the
// common answer "none" costs one load, and one port with very many listeners a search. Kept from look to
// look; building it touches only the ports that have listeners.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lib/model/listener.h"

namespace sockwatch {

// What the index needs to know of a listener.
struct ListenerPlace {
  ListenerKey key;
  bool covers_ipv4 = false;
};
std::vector<ListenerPlace> places_of(std::span<const Listener> listeners);

class ListenerIndex {
 public:
  ListenerIndex() : first_on_port_(65536, 0) {}

  // Positions are into `places`.
  void build(const std::vector<ListenerPlace>& places);

  std::optional<std::size_t> find(const SocketRecord& connection) const;

 private:
  struct Indexed {
    ListenerPlace place;
    std::size_t position;
    std::uint32_t on_port = 0;  // how many share the port; told by the first of them
  };
  // The best so far; nothing yet: null.
  static void choose(const Indexed& candidate, const SocketRecord& connection, const Indexed*& best);
  static bool takes(const ListenerPlace& place, const SocketRecord& connection);

  std::vector<std::uint32_t> first_on_port_;  // position in indexed_ plus one; 0: none
  std::vector<Indexed> indexed_;              // sorted by port, namespace, protocol, address
};

}  // namespace sockwatch
