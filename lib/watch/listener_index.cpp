// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/listener_index.h"

#include <algorithm>

namespace sockwatch {
namespace {

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
  std::sort(indexed_.begin(), indexed_.end(), [](const Indexed& a, const Indexed& b) {
    const std::uint32_t a_port = a.place.key.local.port;
    const std::uint32_t b_port = b.place.key.local.port;
    if (a_port != b_port) return a_port < b_port;
    const int a_specificity = specificity(a.place.key);
    const int b_specificity = specificity(b.place.key);
    // Where 0.0.0.0 and :: both take IPv4, the former comes first.
    return a_specificity != b_specificity ? a_specificity > b_specificity : a.position < b.position;
  });
  for (std::size_t i = indexed_.size(); i > 0; --i) {
    first_on_port_[indexed_[i - 1].place.key.local.port] = static_cast<std::uint32_t>(i);
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

std::optional<std::size_t> ListenerIndex::find(const SocketRecord& connection) const {
  const std::uint32_t port = connection.local.port;
  if (port >= first_on_port_.size()) return std::nullopt;  // vsock may
  const std::uint32_t first = first_on_port_[port];
  if (first == 0) return std::nullopt;
  for (std::size_t i = first - 1; i < indexed_.size() && indexed_[i].place.key.local.port == port; ++i) {
    if (takes(indexed_[i].place, connection)) return indexed_[i].position;
  }
  return std::nullopt;
}

}  // namespace sockwatch
