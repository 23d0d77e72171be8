// SPDX-License-Identifier: Apache-2.0
// Netlink messages put together by tests, and bytes as text.
#pragma once

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <vector>

#include "lib/netlink/message.h"

namespace sockwatch::wire {

using Buffer = std::vector<std::byte>;

template <typename T>
Buffer of(const T& value) {
  const auto* raw = reinterpret_cast<const std::byte*>(&value);
  return {raw, raw + sizeof(value)};
}

inline Buffer operator+(Buffer left, const Buffer& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Padded to four bytes behind its length, as the kernel does.
inline Buffer padded(Buffer bytes) {
  bytes.resize((bytes.size() + 3) & ~std::size_t{3});
  return bytes;
}

// Sequence 0: a ScriptedChannel fills in the request's.
inline Buffer message(std::uint16_t type, const Buffer& payload, std::uint32_t sequence = 0,
                      std::uint16_t flags = 0) {
  const auto length = static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size());
  return padded(of(nlmsghdr{length, type, flags, sequence, 0}) + payload);
}

inline Buffer done(std::int32_t code = 0) {
  return message(NLMSG_DONE, of(code));
}
// As the kernel sends it: negative.
inline Buffer error(std::int32_t code) {
  return message(NLMSG_ERROR, of(-code) + Buffer(sizeof(nlmsghdr)));
}

inline Buffer attribute(std::uint16_t type, const Buffer& payload) {
  return padded(of(nlattr{static_cast<std::uint16_t>(NLA_HDRLEN + payload.size()), type}) + payload);
}

// An IPv4 socket in LISTEN on 0.0.0.0 that is told apart by its cookie. The message type is its request's.
inline Buffer socket(std::uint32_t cookie, std::uint16_t flags = 0,
                     std::uint16_t type = SOCK_DIAG_BY_FAMILY) {
  inet_diag_msg fixed{};
  fixed.idiag_family = AF_INET;
  fixed.idiag_state = 10;
  fixed.id.idiag_cookie[0] = cookie;
  return message(type, of(fixed), 0, flags);
}

inline std::string hex(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

}  // namespace sockwatch::wire
