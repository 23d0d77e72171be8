// SPDX-License-Identifier: Apache-2.0
// Folds connections into counts as they come: per listener, and per service port for outbound ones. Memory
// follows the listeners and a cap on distinct ports, never the number of connections. Loop thread only.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "lib/model/connections.h"
#include "lib/model/listener.h"
#include "lib/watch/listener_index.h"

namespace sockwatch {

class ConnectionFold final : public RecordSink {
 public:
  // Outbound ports told apart; what comes after goes to port 0, shown as "other".
  static constexpr std::size_t kDistinctPorts = 1024;

  // Directions are told by these listeners: those open when the look starts. Copied; nothing need outlive the
  // fold. `wanted` are sockets whose presence is asked for.
  explicit ConnectionFold(std::span<const Listener> listeners, std::vector<SocketId> wanted = {});

  void accept(const SocketRecord& record) override;

  ConnectionTally finish(Instant time) const;
  // Those of the wanted ones that were met.
  const std::vector<SocketId>& met() const { return met_; }

 private:
  ListenerIndex index_;
  std::vector<ListenerConnections> by_listener_;              // parallel to the listeners
  std::unordered_map<std::uint32_t, CountByState> outbound_;  // protocol << 16 | remote port
  std::vector<SocketId> wanted_;                              // sorted
  std::vector<SocketId> met_;
  std::uint64_t total_ = 0;
};

}  // namespace sockwatch
