// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/connection_fold.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace sockwatch {
namespace {

std::uint32_t outbound_key(Protocol protocol, std::uint16_t port) {
  return static_cast<std::uint32_t>(protocol) << 16 | port;
}

bool any(const CountByState& counts) {
  return std::any_of(counts.begin(), counts.end(), [](std::uint32_t count) { return count != 0; });
}

void add(CountByState& to, const CountByState& counts) {
  for (std::size_t i = 0; i < counts.size(); ++i) to[i] += counts[i];
}

}  // namespace

ConnectionFold::ConnectionFold(std::span<const Listener> listeners, std::vector<SocketId> wanted)
    : index_(listeners), wanted_(std::move(wanted)) {
  std::sort(wanted_.begin(), wanted_.end());
  by_listener_.reserve(listeners.size());
  for (const Listener& listener : listeners) by_listener_.push_back({listener.key, {}});
  outbound_.reserve(kDistinctPorts + kWordCount<Protocol>);
}

void ConnectionFold::accept(const SocketRecord& record) {
  if (is_listener(record)) return;
  ++total_;
  if (!wanted_.empty() && std::binary_search(wanted_.begin(), wanted_.end(), record.id))
    met_.push_back(record.id);
  const auto state = static_cast<std::size_t>(record.state);
  if (const auto position = index_.find(record)) {
    ++by_listener_[*position].by_state[state];
    return;
  }
  std::uint32_t key = outbound_key(record.protocol, record.remote.port);
  if (outbound_.size() >= kDistinctPorts && !outbound_.contains(key)) key = outbound_key(record.protocol, 0);
  ++outbound_[key][state];
}

ConnectionTally ConnectionFold::finish(Instant time) const {
  ConnectionTally tally{time, {}, {}, total_};
  std::map<std::tuple<Protocol, Direction, std::uint16_t>, CountByState> by_service;
  for (const ListenerConnections& held : by_listener_) {
    if (!any(held.by_state)) continue;
    tally.by_listener.push_back(held);
    add(by_service[{held.listener.protocol, Direction::Inbound, held.listener.local.port}], held.by_state);
  }
  for (const auto& [key, counts] : outbound_) {
    const auto protocol = static_cast<Protocol>(key >> 16);
    add(by_service[{protocol, Direction::Outbound, static_cast<std::uint16_t>(key & 0xFFFF)}], counts);
  }
  for (const auto& [place, counts] : by_service) {
    const auto& [protocol, direction, port] = place;
    tally.by_service.push_back({protocol, direction, port, counts, {}, {}});
  }
  return tally;
}

}  // namespace sockwatch
