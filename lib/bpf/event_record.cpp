// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/event_record.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "lib/bpf/listen_event.h"
#include "lib/bpf/told_holder.h"

namespace sockwatch {
namespace {

std::optional<SocketEvent::Kind> kind_of(const listen_event& event) {
  switch (event.kind) {
    case LISTEN_EVENT_OPENED:
      return SocketEvent::Kind::Opened;
    case LISTEN_EVENT_CLOSED:
      return SocketEvent::Kind::Closed;
    case LISTEN_EVENT_BOUND:
      return SocketEvent::Kind::Bound;
    case LISTEN_EVENT_CONNECTED:
      return SocketEvent::Kind::Connected;
    default:
      return std::nullopt;
  }
}

Bind bind_of(const listen_event& event) {
  if (event.port_choice == LISTEN_PORT_EXPLICIT) return Bind::Explicit;
  return event.port_choice == LISTEN_PORT_ASSIGNED ? Bind::Assigned : Bind::Unknown;
}

IpAddress address_of(const listen_event& event) {
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), event.address, sizeof(event.address));
  return event.family == AF_INET ? IpAddress::v4(std::span(bytes).first<4>()) : IpAddress::v6(bytes);
}

SocketRecord record_of(const listen_event& event) {
  SocketRecord record;
  record.id = {NamespaceId{event.netns_cookie}, event.socket_cookie};
  record.protocol = event.protocol == IPPROTO_TCP ? Protocol::Tcp : Protocol::Udp;
  record.state = event.protocol == IPPROTO_TCP ? SocketState::Listen : SocketState::Close;
  record.bind = bind_of(event);
  record.v6only = event.v6only != 0;
  record.mptcp = event.maker == LISTEN_SOCKET_OF_MPTCP;
  record.local = {address_of(event), event.port, event.interface_index};
  record.uid = event.socket_uid;
  record.inode = event.socket_inode;
  record.cgroup_id = event.socket_cgroup_id;
  record.send_queue = event.backlog;
  return record;
}

}  // namespace

std::optional<SocketEvent> decode_listen_event(std::span<const std::byte> bytes, Instant now,
                                               long ticks_per_second) {
  listen_event event;
  if (bytes.size() < sizeof(event)) return std::nullopt;
  std::memcpy(&event, bytes.data(), sizeof(event));
  const auto kind = kind_of(event);
  if (!kind || (event.family != AF_INET && event.family != AF_INET6)) return std::nullopt;
  if (event.protocol != IPPROTO_TCP && event.protocol != IPPROTO_UDP) return std::nullopt;

  SocketEvent made;
  made.kind = *kind;
  made.source = EventSource::Bpf;
  const MonotonicTime then{std::chrono::nanoseconds(event.time_ns)};
  made.time = {then, now.wall - (now.monotonic - then)};
  made.record = record_of(event);
  made.namespace_inode = event.netns_inode;
  // A kernel socket's "caller" is whoever happened to trigger it.
  if (event.maker != LISTEN_SOCKET_OF_KERNEL) made.caller = told_holder(event, ticks_per_second);
  return made;
}

}  // namespace sockwatch
