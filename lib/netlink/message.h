// SPDX-License-Identifier: Apache-2.0
// The walk over netlink messages and their attributes (RFC 3549, netlink(7)): every length is checked before
// it is believed, unknown types are left to the caller. Spans point into the datagram and live as long as it
// does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace sockwatch {

using Bytes = std::span<const std::byte>;

// A trivially copyable kernel structure from the start of `bytes`; nothing where they are too few.
template <typename T>
std::optional<T> read_struct(Bytes bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

struct Message {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  Bytes payload;

  // For NLMSG_ERROR and NLMSG_DONE: the errno the kernel reports, 0 for an acknowledgement or a good end. The
  // kernel sends it negative; a missing or positive number counts as EPROTO. The one home of that rule.
  int error() const;
  bool ends_dump() const;        // NLMSG_DONE
  bool is_error() const;         // NLMSG_ERROR, acknowledgements included
  bool was_interrupted() const;  // NLM_F_DUMP_INTR: the dump raced with a change
};

// Messages of one datagram, in order. Stops at the first that does not fit; malformed() then says so.
class MessageWalk {
 public:
  explicit MessageWalk(Bytes datagram) : rest_(datagram) {}
  std::optional<Message> next();
  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

struct Attribute {
  std::uint16_t type = 0;  // without the nested and byte-order flags
  Bytes payload;
};

// Attributes behind a message's fixed part, in whatever order they come.
class AttributeWalk {
 public:
  explicit AttributeWalk(Bytes attributes) : rest_(attributes) {}
  std::optional<Attribute> next();
  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

}  // namespace sockwatch
