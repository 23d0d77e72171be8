// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/tcp_count_record.h"

#include <cstring>

namespace sockwatch {
namespace {

IpAddress address_of(const __u32 (&words)[4]) {
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), words, sizeof(words));
  return IpAddress::v6(bytes);
}

}  // namespace

SocketRecord record_of(const tcp_socket& socket, NamespaceId name_space) {
  SocketRecord record;
  record.id = {name_space, socket.cookie};
  if (socket.state < kWordCount<SocketState>) record.state = static_cast<SocketState>(socket.state);
  record.local = {address_of(socket.local_address), socket.local_port, socket.interface_index};
  record.remote = {address_of(socket.remote_address), socket.remote_port, 0};
  record.uid = socket.uid;
  record.inode = socket.inode;
  record.cgroup_id = socket.cgroup_id;
  record.receive_queue = socket.receive_queue;
  record.send_queue = socket.send_queue;
  return record;
}

SocketRecord record_of(const tcp_place& place, NamespaceId name_space) {
  SocketRecord record;
  record.id.name_space = name_space;
  Endpoint& end = place.outbound != 0 ? record.remote : record.local;
  end = {address_of(place.address), place.port, place.interface_index};
  return record;
}

}  // namespace sockwatch
