// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "lib/model/place.h"
#include "lib/model/property_lists.h"
#include "lib/model/property_values.h"

namespace sockwatch {
namespace {

using namespace property;

// The same two numbers of the kernel mean connections in LISTEN and bytes everywhere else.
bool accepts(Socket s) {
  return s.record.state == SocketState::Listen;
}

Maybe accept_queue_length(Socket s) {
  return number_if(accepts(s) && s.record.queue_told, s.listener->queue_length());
}

Maybe accept_queue_limit(Socket s) {
  return number_if(accepts(s) && s.record.limit_told, s.listener->queue_limit());
}

Maybe receive_queue_bytes(Socket s) {
  return number_if(!accepts(s) && s.record.queue_told, s.listener->queue_length());
}

Maybe address_of_peer(Socket s) {
  return text_if(has_ip_address(s.record.protocol), address_text(s.record.protocol, s.record.remote));
}

// Of what a listener is connected to, and takes datagrams from alone.
Maybe only_peer(Socket s) {
  return s.record.remote.address.is_unspecified() ? Maybe() : address_of_peer(s);
}

// A socket that is only bound has no peer; a UNIX or packet socket has none with an address.
bool has_peer(Socket s) {
  return s.record.state != SocketState::BoundInactive && has_scope(s.record.protocol);
}

Maybe peer_cid(Socket s) {
  return text_if(has_peer(s) && s.record.protocol == Protocol::Vsock, cid_text(s.record.remote));
}

Maybe peer_port(Socket s) {
  return number_if(has_peer(s) && s.record.remote.port != 0, s.record.remote.port);
}

constexpr std::array kMomentRows = {
    Property{"state", kWord<SocketState>, kListener | kConnection,
             [](Socket s) { return word_if(s.record.state != SocketState::Unknown, s.record.state); }},
    Property{"accept_queue_length", kNumber, kListener, accept_queue_length},
    Property{"accept_queue_limit", kNumber, kListener, accept_queue_limit},
    Property{"receive_queue_bytes", kNumber, kListener, receive_queue_bytes},
    Property{"filter_instructions", kNumber, kListener,
             [](Socket s) { return number_over_0(s.record.filter_instructions); }},
    Property{"peer_address", kText, kListener, only_peer},
    Property{"drops", kNumber, kListener,
             [](Socket s) { return number_if(s.record.drops_told, s.listener->drops_total); }},
    Property{"inode", kNumber, kListener | kConnection,
             [](Socket s) { return number_over_0(s.record.inode); }},
    Property{"members", kNumber, kListener, [](Socket s) { return number(s.listener->members.size()); }},
    Property{"last_connection", kTime, kListener, [](Socket s) { return time(s.listener->last_connection); }},
    Property{"connections", kNumber, kListener,
             [](Socket s) { return number_if(s.connections.has_value(), s.connections.value_or(0)); }},
    Property{"peer_address", kText, kConnection,
             [](Socket s) { return has_peer(s) ? address_of_peer(s) : Maybe(); }},
    Property{"peer_cid", kText, kConnection, peer_cid},
    Property{"peer_port", kNumber, kConnection, peer_port},
    Property{"direction", kWord<Direction>, kConnection,
             [](Socket s) { return word_if(has_peer(s), s.direction.value_or(Direction::Outbound)); }},
};

}  // namespace

std::span<const Property> moment_properties() {
  return kMomentRows;
}

}  // namespace sockwatch
