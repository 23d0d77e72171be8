// SPDX-License-Identifier: Apache-2.0
// Connected sockets: folded into counts whose number does not follow the number of sockets, and a bounded
// number of them one by one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/model/listener.h"

namespace sockwatch {

enum class Direction : std::uint8_t { Inbound, Outbound };
template <>
struct Words<Direction> {
  static constexpr std::array<std::string_view, 2> values = {"inbound", "outbound"};
};

using CountByState = std::array<std::uint32_t, kWordCount<SocketState>>;

struct ListenerConnections {
  ListenerKey listener;
  CountByState by_state{};
};

// Connections of one protocol and direction whose service port is `port`: the listener's for inbound ones,
// the remote one for outbound ones. Port 0 gathers what came after the cap on distinct ports.
struct ServiceConnections {
  Protocol protocol = Protocol::Tcp;
  Direction direction = Direction::Outbound;
  std::uint16_t port = 0;
  CountByState by_state{};
  // Added by annotation; the name is empty where the port has none, "other" for port 0.
  Category category = Category::WellKnown;
  std::string port_name;
};

// One connection, to show a person what the counts are made of.
struct SeenConnection {
  SocketRecord record;
  Direction direction = Direction::Outbound;
  Annotation annotation;  // the daemon seeks no holders: there the owner is known by its cgroup only
};

struct ConnectionTally {
  Instant time;
  std::vector<ListenerConnections> by_listener;  // sorted by key; only listeners with connections
  std::vector<ServiceConnections> by_service;    // sorted by protocol, direction, port
  std::uint64_t total = 0;
  // At most kMostSeen of them, those that were met first, by protocol and place; never null once counted.
  static constexpr std::size_t kMostSeen = 1000;
  std::shared_ptr<const std::vector<SeenConnection>> seen;
};

// Null where it has none. The tally may be of an earlier look and name listeners that are gone.
inline const CountByState* connections_of(const ConnectionTally& tally, const ListenerKey& key) {
  const auto found = std::lower_bound(
      tally.by_listener.begin(), tally.by_listener.end(), key,
      [](const ListenerConnections& entry, const ListenerKey& wanted) { return entry.listener < wanted; });
  return found != tally.by_listener.end() && found->listener == key ? &found->by_state : nullptr;
}

}  // namespace sockwatch
