// SPDX-License-Identifier: Apache-2.0
// Records and listeners for tests, from a few words of text.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "lib/model/listener.h"

namespace sockwatch {

inline IpAddress ip(std::string_view text) {
  const auto address = parse_ip_address(text);
  if (!address) throw std::invalid_argument("not an address: " + std::string(text));
  return *address;
}

inline SocketRecord listening(Protocol protocol, std::string_view address, std::uint16_t port,
                              std::uint64_t cookie) {
  SocketRecord record;
  record.id.cookie = cookie;
  record.protocol = protocol;
  record.state = protocol == Protocol::Tcp ? SocketState::Listen : SocketState::Close;
  record.bind = Bind::Explicit;
  record.local = {ip(address), port, 0};
  record.uid = 1000;
  record.inode = static_cast<std::uint32_t>(cookie + 100000);
  return record;
}

// One on a path, or with a leading NUL on an abstract name.
inline SocketRecord unix_listening(std::string name, std::uint64_t cookie,
                                   SocketType type = SocketType::Stream) {
  SocketRecord record = listening(Protocol::Unix, "0.0.0.0", 0, cookie);
  record.state = type == SocketType::Dgram ? SocketState::Close : SocketState::Listen;
  record.type = type;
  record.local.name = std::move(name);
  return record;
}

inline SocketRecord packet_socket(std::string interface, std::uint16_t ethertype, std::uint64_t cookie,
                                  bool promiscuous = false) {
  SocketRecord record = listening(Protocol::Packet, "0.0.0.0", ethertype, cookie);
  record.state = SocketState::Unknown;
  record.bind = Bind::Unknown;
  record.type = SocketType::Raw;
  record.local.name = std::move(interface);
  record.local.interface_index = 2;
  record.promiscuous = promiscuous;
  return record;
}

// A listener with one member, opened and judged by nobody yet.
inline Listener listener(const SocketRecord& record, Instant opened = {}) {
  Listener made;
  made.key = key_of(record);
  made.members = {record};
  made.annotation.name_space = "host";
  made.first_seen = made.opened = opened;
  return made;
}

}  // namespace sockwatch
