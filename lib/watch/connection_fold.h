// SPDX-License-Identifier: Apache-2.0
// Folds connections into counts as they come: per listener, and per service port for outbound ones. Memory
// follows the listeners and a cap on distinct ports, never the number of connections, and is kept from look
// to look. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "lib/model/connections.h"
#include "lib/watch/listener_index.h"

namespace sockwatch {

class ConnectionFold final : public RecordSink {
 public:
  // Outbound ports told apart, over all protocols; what comes after goes to port 0, shown as "other".
  static constexpr std::size_t kDistinctPorts = 1024;

  // Forgets the last look. Directions are told by these listeners, sorted by key: those open when the look
  // starts. `wanted` are sockets whose presence is asked for.
  void start(std::vector<ListenerPlace> listeners, std::vector<SocketId> wanted = {});

  void accept(const SocketRecord& record) override;
  void count(const SocketRecord& record, std::uint64_t connections) override;

  ConnectionTally finish(Instant time) const;
  // Those of the wanted ones that were met.
  const std::vector<SocketId>& met() const { return met_; }

 private:
  struct Outbound {
    Protocol protocol;
    std::uint16_t port;
    CountByState by_state{};
  };
  void attribute(const SocketRecord& record, std::optional<std::size_t> listener, std::uint64_t connections);
  CountByState& outbound(Protocol protocol, std::uint32_t port);

  std::vector<ListenerPlace> listeners_;
  ListenerIndex index_;
  std::vector<CountByState> by_listener_;  // parallel to the listeners
  std::vector<Outbound> outbound_;
  // Where in outbound_ a port's counts are, plus one; a table a protocol, made when its first connection
  // comes.
  std::array<std::vector<std::uint16_t>, kWordCount<Protocol>> slot_of_port_;
  std::vector<SocketId> wanted_;  // sorted
  std::vector<SocketId> met_;
  std::uint64_t total_ = 0;
  std::vector<SeenConnection> seen_;  // the first ones
};

}  // namespace sockwatch
