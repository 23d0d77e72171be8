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
