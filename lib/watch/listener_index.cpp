// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/listener_index.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

namespace sockwatch {
namespace {

// As many are looked at one by one before a search is quicker.
constexpr std::uint32_t kFew = 8;

auto order_of(const ListenerKey& key) {
  return std::tie(key.local.port, key.name_space, key.protocol, key.local.address);
}

int specificity(const ListenerKey& key) {
  return (key.local.address.is_unspecified() ? 0 : 2) + (key.local.interface_index == 0 ? 0 : 1);
}

}  // namespace

std::vector<ListenerPlace> places_of(std::span<const Listener> listeners) {
  std::vector<ListenerPlace> places;
  places.reserve(listeners.size());
  for (const Listener& listener : listeners) places.push_back({listener.key, listener.covers_ipv4()});
  return places;
}

void ListenerIndex::build(const std::vector<ListenerPlace>& places) {
  for (const Indexed& old : indexed_) first_on_port_[old.place.key.local.port] = 0;
  indexed_.clear();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const ListenerKey& key = places[i].key;
    if (has_port(key.protocol) && key.local.port < first_on_port_.size()) indexed_.push_back({places[i], i});
  }
  std::sort(indexed_.begin(), indexed_.end(),
            [](const Indexed& a, const Indexed& b) { return order_of(a.place.key) < order_of(b.place.key); });
  for (std::size_t i = indexed_.size(); i > 0; --i) {
    const std::uint32_t port = indexed_[i - 1].place.key.local.port;
    const std::uint32_t next = first_on_port_[port];
    indexed_[i - 1].on_port = next == 0 ? 1 : indexed_[next - 1].on_port + 1;
    first_on_port_[port] = static_cast<std::uint32_t>(i);
  }
}

bool ListenerIndex::takes(const ListenerPlace& place, const SocketRecord& connection) {
  const ListenerKey& key = place.key;
  if (key.protocol != connection.protocol || key.name_space != connection.id.name_space) return false;
  if (key.local.interface_index != 0 && key.local.interface_index != connection.local.interface_index)
    return false;
  if (key.local.address == connection.local.address) return true;
  if (!key.local.address.is_unspecified()) return false;
  return key.local.address.family == connection.local.address.family ||
         (connection.local.address.family == IpFamily::V4 && place.covers_ipv4);
}

void ListenerIndex::choose(const Indexed& candidate, const SocketRecord& connection, const Indexed*& best) {
  if (!takes(candidate.place, connection)) return;
  const int better = best == nullptr ? 1 : specificity(candidate.place.key) - specificity(best->place.key);
  // Where 0.0.0.0 and :: both take IPv4, the former comes first.
  if (better > 0 || (better == 0 && candidate.position < best->position)) best = &candidate;
}

std::optional<std::size_t> ListenerIndex::find(const SocketRecord& connection) const {
  const std::uint32_t port = connection.local.port;
  if (port >= first_on_port_.size()) return std::nullopt;  // vsock may
  const std::uint32_t first = first_on_port_[port];
  if (first == 0) return std::nullopt;
  const auto on_port = std::span(indexed_).subspan(first - 1, indexed_[first - 1].on_port);
  const Indexed* best = nullptr;
  if (on_port.size() <= kFew) {
    for (const Indexed& candidate : on_port) choose(candidate, connection, best);
  } else {
    Indexed wanted{{{connection.id.name_space, connection.protocol, connection.local}, false}, 0};
    const IpAddress any_v6{IpFamily::V6, {}};
    for (const IpAddress& address : {connection.local.address, IpAddress{}, any_v6}) {
      wanted.place.key.local.address = address;
      const auto here = std::equal_range(
          on_port.begin(), on_port.end(), wanted,
          [](const Indexed& a, const Indexed& b) { return order_of(a.place.key) < order_of(b.place.key); });
      for (auto candidate = here.first; candidate != here.second; ++candidate)
        choose(*candidate, connection, best);
    }
  }
  return best == nullptr ? std::nullopt : std::optional(best->position);
}

}  // namespace sockwatch
