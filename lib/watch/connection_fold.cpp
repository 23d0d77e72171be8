// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/connection_fold.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace sockwatch {
namespace {

bool any(const CountByState& counts) {
  return std::any_of(counts.begin(), counts.end(), [](std::uint32_t count) { return count != 0; });
}

void add(CountByState& to, const CountByState& counts) {
  for (std::size_t i = 0; i < counts.size(); ++i) to[i] += counts[i];
}

// Each once: while others come and go, the kernel may tell one twice (inet_diag.c keeps its place in a hash
// chain by counting).
std::vector<SeenConnection> in_order(std::vector<SeenConnection> seen) {
  const auto place = [](const SeenConnection& each) {
    return std::tie(each.record.protocol, each.record.local, each.record.remote, each.record.id);
  };
  std::sort(seen.begin(), seen.end(),
            [&](const SeenConnection& a, const SeenConnection& b) { return place(a) < place(b); });
  const auto same = [&](const SeenConnection& a, const SeenConnection& b) { return place(a) == place(b); };
  seen.erase(std::unique(seen.begin(), seen.end(), same), seen.end());
  return seen;
}

}  // namespace

void ConnectionFold::start(std::vector<ListenerPlace> listeners, std::vector<SocketId> wanted) {
  listeners_ = std::move(listeners);
  index_.build(listeners_);
  by_listener_.assign(listeners_.size(), {});
  for (const Outbound& old : outbound_) slot_of_port_[static_cast<std::size_t>(old.protocol)][old.port] = 0;
  outbound_.clear();
  wanted_ = std::move(wanted);
  std::sort(wanted_.begin(), wanted_.end());
  met_.clear();
  total_ = 0;
  seen_.clear();
}

void ConnectionFold::accept(const SocketRecord& record) {
  if (is_listener(record) || !has_port(record.protocol)) return;
  if (!wanted_.empty() && std::binary_search(wanted_.begin(), wanted_.end(), record.id))
    met_.push_back(record.id);
  const auto position = index_.find(record);
  if (seen_.size() < ConnectionTally::kMostSeen)
    seen_.push_back({record, position ? Direction::Inbound : Direction::Outbound, {}});
  attribute(record, position, 1);
}

void ConnectionFold::count(const SocketRecord& record, std::uint64_t connections) {
  attribute(record, index_.find(record), connections);
}

void ConnectionFold::attribute(const SocketRecord& record, std::optional<std::size_t> listener,
                               std::uint64_t connections) {
  CountByState& counts = listener ? by_listener_[*listener] : outbound(record.protocol, record.remote.port);
  counts[static_cast<std::size_t>(record.state)] += static_cast<std::uint32_t>(connections);
  total_ += connections;
}

CountByState& ConnectionFold::outbound(Protocol protocol, std::uint32_t port) {
  auto& slots = slot_of_port_[static_cast<std::size_t>(protocol)];
  if (slots.empty()) slots.resize(65536, 0);
  // Each protocol may need one more, for what is told apart no longer.
  if (port >= slots.size() || (slots[port] == 0 && outbound_.size() >= kDistinctPorts)) port = 0;
  if (slots[port] == 0) {
    outbound_.push_back({protocol, static_cast<std::uint16_t>(port), {}});
    slots[port] = static_cast<std::uint16_t>(outbound_.size());
  }
  return outbound_[slots[port] - 1U].by_state;
}

ConnectionTally ConnectionFold::finish(Instant time) const {
  ConnectionTally tally{
      time, {}, {}, total_, std::make_shared<const std::vector<SeenConnection>>(in_order(seen_))};
  std::map<std::tuple<Protocol, Direction, std::uint16_t>, CountByState> by_service;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (!any(by_listener_[i])) continue;
    const ListenerKey& key = listeners_[i].key;
    tally.by_listener.push_back({key, by_listener_[i]});
    add(by_service[{key.protocol, Direction::Inbound, static_cast<std::uint16_t>(key.local.port)}],
        by_listener_[i]);
  }
  for (const Outbound& row : outbound_)
    add(by_service[{row.protocol, Direction::Outbound, row.port}], row.by_state);
  for (const auto& [place, counts] : by_service) {
    const auto& [protocol, direction, port] = place;
    tally.by_service.push_back({protocol, direction, port, counts, {}, {}});
  }
  return tally;
}

}  // namespace sockwatch
