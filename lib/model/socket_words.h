// SPDX-License-Identifier: Apache-2.0
// The closed sets that a socket's record is made of, and how they are written.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lib/base/words.h"

namespace sockwatch {

enum class Protocol : std::uint8_t { Tcp, Udp, Mptcp, Udplite, Sctp, Raw, Packet, Unix, Vsock };
template <>
struct Words<Protocol> {
  static constexpr std::array<std::string_view, 9> values = {"tcp", "udp",    "mptcp", "udplite", "sctp",
                                                             "raw", "packet", "unix",  "vsock"};
};

// socket(2)'s second argument, for families in which it is part of the place. None: the protocol says it.
enum class SocketType : std::uint8_t { None, Stream, Dgram, Seqpacket, Raw };
template <>
struct Words<SocketType> {
  static constexpr std::array<std::string_view, 5> values = {"none", "stream", "dgram", "seqpacket", "raw"};
};

// Values are the kernel's (include/net/tcp_states.h); Words are what ss(8) shows, in lower case.
enum class SocketState : std::uint8_t {
  Unknown,
  Established,
  SynSent,
  SynRecv,
  FinWait1,
  FinWait2,
  TimeWait,
  Close,
  CloseWait,
  LastAck,
  Listen,
  Closing,
  NewSynRecv,
  BoundInactive,
};
template <>
struct Words<SocketState> {
  static constexpr std::array<std::string_view, 14> values = {
      "unknown", "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2",   "time-wait",
      "close",   "close-wait",  "last-ack", "listen",   "closing",    "new-syn-recv", "bound"};
};

// Who chose the port: the program, or the kernel on bind(0), listen() or sendto() without one.
enum class Bind : std::uint8_t { Unknown, Explicit, Assigned };
template <>
struct Words<Bind> {
  static constexpr std::array<std::string_view, 3> values = {"unknown", "explicit", "assigned"};
};

}  // namespace sockwatch
