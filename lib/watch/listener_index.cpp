// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/listener_index.h"

#include <algorithm>

namespace sockwatch {
namespace {

int specificity(const ListenerKey& key) {
  return (key.local.address.is_unspecified() ? 0 : 2) + (key.local.interface_index == 0 ? 0 : 1);
}

}  // namespace

ListenerIndex::ListenerIndex(std::span<const Listener> listeners) : any_on_port_(65536, 0) {
  places_.reserve(listeners.size());
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const Listener& listener = listeners[i];
    places_.push_back({listener.key, i, listener.covers_ipv4()});
    any_on_port_[listener.key.local.port] = 1;
  }
  std::stable_sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
    if (a.key.local.port != b.key.local.port) return a.key.local.port < b.key.local.port;
    return specificity(a.key) > specificity(b.key);
  });
}

bool ListenerIndex::takes(const Place& place, const SocketRecord& connection) {
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
  const std::uint16_t port = connection.local.port;
  if (any_on_port_[port] == 0) return std::nullopt;
  auto place =
      std::lower_bound(places_.begin(), places_.end(), port,
                       [](const Place& a, std::uint16_t wanted) { return a.key.local.port < wanted; });
  for (; place != places_.end() && place->key.local.port == port; ++place) {
    if (takes(*place, connection)) return place->position;
  }
  return std::nullopt;
}

}  // namespace sockwatch
