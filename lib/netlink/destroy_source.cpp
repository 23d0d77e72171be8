// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/destroy_source.h"

#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

#include "lib/netlink/families/inet.h"

namespace sockwatch {
namespace {

constexpr int kDatagramsPerDrain = 1024;
// A message occupies 1,280 bytes of the buffer; this holds some 6,500, or as many as the system allows.
constexpr int kReceiveBuffer = 8 * 1024 * 1024;

// Byte offsets into a message, for the filter. Classic BPF loads are big-endian, as ports and addresses are.
constexpr std::uint32_t kId = sizeof(nlmsghdr) + offsetof(inet_diag_msg, id);
constexpr std::uint32_t kSourcePort = kId + offsetof(inet_diag_sockid, idiag_sport);
constexpr std::uint32_t kPeerPort = kId + offsetof(inet_diag_sockid, idiag_dport);
constexpr std::uint32_t kPeer = kId + offsetof(inet_diag_sockid, idiag_dst);
// The first attribute (inet_diag.c: inet_diag_handler_get_info).
constexpr std::uint32_t kProtocol = sizeof(nlmsghdr) + sizeof(inet_diag_msg) + sizeof(nlattr);

constexpr sock_filter load(std::uint16_t size, std::uint32_t offset) {
  return {static_cast<std::uint16_t>(BPF_LD | size | BPF_ABS), 0, 0, offset};
}
// Both go on where it is so, else to the refusal, `to_end` instructions further.
constexpr sock_filter zero_or_refuse(std::uint8_t to_end) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, to_end, 0};
}
constexpr sock_filter not_zero_or_refuse(std::uint8_t to_end) {
  return {BPF_JMP | BPF_JEQ | BPF_K, to_end, 0, 0};
}

// Lets through what had a port and no peer's port. Every connection that ends is refused here, in the kernel;
// so is one of TCP that was never made: connect(2) that fails takes the peer's port away again, but not its
// address. A UDP socket that is left with an address alone has heard every port of it.
constexpr sock_filter kUnconnectedOnly[] = {
    // clang-format off
    load(BPF_H, kPeerPort),   zero_or_refuse(13),
    load(BPF_H, kSourcePort), not_zero_or_refuse(11),
    load(BPF_B, kProtocol),   {BPF_JMP | BPF_JEQ | BPF_K, 8, 0, IPPROTO_UDP},
    load(BPF_W, kPeer),       zero_or_refuse(7),
    load(BPF_W, kPeer + 4),   zero_or_refuse(5),
    load(BPF_W, kPeer + 8),   zero_or_refuse(3),
    load(BPF_W, kPeer + 12),  zero_or_refuse(1),
    {BPF_RET | BPF_K, 0, 0, 0xFFFFFFFF},
    {BPF_RET | BPF_K, 0, 0, 0},
    // clang-format on
};

constexpr int kGroups[] = {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY, SKNLGRP_INET6_TCP_DESTROY,
                           SKNLGRP_INET6_UDP_DESTROY};

template <typename T>
Result<void> set_option(int fd, int level, int option, const T& value, const char* what) {
  if (::setsockopt(fd, level, option, &value, sizeof(value)) != 0) return Error::from_errno(what, errno);
  return {};
}

std::optional<Protocol> protocol_in(Bytes attributes) {
  AttributeWalk walk(attributes);
  while (const auto attribute = walk.next()) {
    if (attribute->type != INET_DIAG_PROTOCOL) continue;
    const auto number = read_struct<std::uint8_t>(attribute->payload);
    if (number == IPPROTO_TCP) return Protocol::Tcp;
    if (number == IPPROTO_UDP) return Protocol::Udp;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<DestroySource>> DestroySource::open(bool all_namespaces) {
  auto channel = KernelChannel::open();
  if (!channel.ok()) return channel.error();
  std::unique_ptr<DestroySource> source(new DestroySource(*std::move(channel)));
  if (auto listening = source->listen(all_namespaces); !listening.ok()) return listening.error();
  return source;
}

// The filter comes before the groups: not one unfiltered message may be in the queue.
Result<void> DestroySource::listen(bool all_namespaces) {
  const int socket = fd();
  sock_fprog program{static_cast<unsigned short>(std::size(kUnconnectedOnly)),
                     const_cast<sock_filter*>(kUnconnectedOnly)};  // the kernel copies it
  if (auto set = set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, program, "socket filter"); !set.ok())
    return set;
  // The first goes past net.core.rmem_max and needs CAP_NET_ADMIN; the second takes what it allows.
  if (!set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer, "receive buffer").ok()) {
    (void)set_option(socket, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer, "receive buffer");
  }
  // Losses are read from the drop counter; an error in mid-stream would only hide what still waits.
  if (auto set = set_option(socket, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1, "NETLINK_NO_ENOBUFS"); !set.ok())
    return set;
  // Refused without CAP_NET_BROADCAST; then looks alone see what is elsewhere.
  if (all_namespaces)
    (void)set_option(socket, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1, "NETLINK_LISTEN_ALL_NSID");
  for (const int group : kGroups) {
    if (auto set = set_option(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, "destroy group"); !set.ok())
      return set;
  }
  return {};
}

bool DestroySource::drain(EventSink& sink) {
  bool any = false;
  for (int i = 0; i < kDatagramsPerDrain; ++i) {
    const auto datagram = channel_->receive();
    if (!datagram.ok()) break;  // EAGAIN: nothing waits
    any = true;
    MessageWalk messages(*datagram);
    while (const auto message = messages.next()) {
      auto event = decode_destroyed(*message, channel_->name_space(), SystemClock().now());
      if (!event) continue;
      event->namespace_number = channel_->from_namespace();
      sink.accept(*event);
    }
  }
  return any;
}

std::uint64_t DestroySource::lost() const {
  std::uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t length = sizeof(memory);
  if (::getsockopt(fd(), SOL_SOCKET, SO_MEMINFO, memory, &length) != 0) return 0;  // before Linux 4.12
  return memory[SK_MEMINFO_DROPS];
}

std::optional<SocketEvent> decode_destroyed(const Message& message, NamespaceId name_space, Instant now) {
  if (message.type != SOCK_DIAG_BY_FAMILY || message.payload.size() < sizeof(inet_diag_msg))
    return std::nullopt;
  const auto protocol = protocol_in(message.payload.subspan(sizeof(inet_diag_msg)));
  SocketEvent event;
  if (!protocol || !inet::decode({*protocol, Bind::Unknown, {}, {}}, message.payload, event.record))
    return std::nullopt;
  const SocketRecord& record = event.record;
  if (record.local.port == 0 || record.remote.port != 0) return std::nullopt;
  if (*protocol == Protocol::Tcp && !record.remote.address.is_unspecified()) return std::nullopt;
  event.kind = SocketEvent::Kind::Closed;
  event.source = EventSource::Destroy;
  event.time = now;
  event.record.id.name_space = name_space;
  return event;
}

}  // namespace sockwatch
