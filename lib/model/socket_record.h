// SPDX-License-Identifier: Apache-2.0
// What the kernel said about one socket in one message, decoded once: no guesses, nothing added.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "lib/model/endpoint.h"
#include "lib/model/socket_words.h"

namespace sockwatch {

// Netns cookie (SO_NETNS_COOKIE) or, where the kernel has none, the nsfs inode. Stands for one namespace
// while it lives.
enum class NamespaceId : std::uint64_t {};

inline constexpr std::uint32_t kEveryInterface = ~std::uint32_t{0};

// Never reused while the machine is up, unlike an inode (include/net/sock.h: sk_cookie).
struct SocketId {
  NamespaceId name_space{};
  std::uint64_t cookie = 0;

  friend auto operator<=>(const SocketId&, const SocketId&) = default;
};

struct SocketRecord {
  SocketId id;
  Protocol protocol = Protocol::Tcp;
  SocketState state = SocketState::Unknown;
  Bind bind = Bind::Unknown;  // meaningful for listeners only
  bool v6only = false;        // meaningful for a listener on :: only
  bool mptcp =
      false;  // a TCP listener that also speaks MPTCP; it stays one socket to everybody but the reader
  // IP_TRANSPARENT: it may be given what was sent to foreign addresses. Nothing where the kernel does not
  // tell (before 5.10).
  std::optional<bool> transparent = {};
  std::string device = {};  // name of the interface that local.interface_index means, where known
  SocketType type = SocketType::None;
  bool promiscuous = false;  // packet: its interface hands it other machines' traffic, too
  std::uint16_t filter_instructions =
      0;  // packet: of the filter attached to it; 0 also where that is not told
  // packet: interfaces that it asked to be promiscuous, or kEveryInterface where they are more; 0 for none.
  std::array<std::uint32_t, 2> promiscuous_on{};
  Endpoint local;
  Endpoint remote;
  // Creator's uid at socket(2). 0 also for TIME_WAIT, SYN_RECV and connections not yet accepted: not root.
  std::uint32_t uid = 0;
  bool uid_told = true;         // some families keep it to themselves
  std::uint32_t inode = 0;      // 0: no file refers to it (yet); reused by the kernel, so never an identity
  std::uint64_t cgroup_id = 0;  // of the socket's creator; 0 where the kernel does not tell (before 5.9)
  // TCP listener: connections waiting for accept(2), and their limit. Else bytes waiting.
  std::uint32_t receive_queue = 0;
  std::uint32_t send_queue = 0;
  std::uint32_t drops = 0;  // sk_drops: accept-queue overflows, UDP drops; 32 bits, wraps
  // /proc/net keeps some of these to itself: then the number is 0, and not known.
  bool queue_told = true;
  bool limit_told = true;
  bool drops_told = true;

  friend bool operator==(const SocketRecord&, const SocketRecord&) = default;
};

// A port that clients know it by, or a service's name stands for.
constexpr bool has_port(Protocol protocol) {
  return protocol != Protocol::Raw && protocol != Protocol::Packet && protocol != Protocol::Unix;
}

constexpr bool has_ip_address(Protocol protocol) {
  return protocol != Protocol::Packet && protocol != Protocol::Unix && protocol != Protocol::Vsock;
}

// A bind address says how far it reaches.
constexpr bool has_scope(Protocol protocol) {
  return protocol != Protocol::Packet && protocol != Protocol::Unix;
}

// What waits for strangers: a socket in LISTEN; a datagram socket with a port or a name and without a peer's
// (the kernel has no LISTEN for those and calls it CLOSE); and whatever takes packets as they come in.
inline bool is_listener(const SocketRecord& record) {
  if (record.state == SocketState::Listen) return true;
  switch (record.protocol) {
    case Protocol::Udp:
    case Protocol::Udplite:
      // Connected to an address without a port it hears every port of it.
      return record.local.port != 0 &&
             (record.state == SocketState::Close ||
              (record.state == SocketState::Established && record.remote.port == 0));
    case Protocol::Unix:
      return record.type == SocketType::Dgram && record.state == SocketState::Close &&
             !record.local.name.empty();
    case Protocol::Raw:
      // Connected it hears every packet of one address.
      return record.state == SocketState::Close || record.state == SocketState::Established;
    case Protocol::Packet:
      return record.local.port != 0;
    default:
      return false;
  }
}

// Receives decoded records one by one: a snapshot under construction, a list for a person.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void accept(const SocketRecord& record) = 0;
  // So many connections of which this one stands for all: they share its state, and either the listener at
  // its local end or the port of its remote end.
  virtual void count(const SocketRecord& record, std::uint64_t connections) {
    for (std::uint64_t i = 0; i < connections; ++i) accept(record);
  }
};

}  // namespace sockwatch
