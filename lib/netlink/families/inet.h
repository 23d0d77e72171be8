// SPDX-License-Identifier: Apache-2.0
// TCP and UDP over IPv4 and IPv6 (include/uapi/linux/inet_diag.h), and what other families that speak
// inet_diag share with them.
#pragma once

#include <linux/inet_diag.h>

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::inet {

std::vector<DumpRequest> tcp_requests(LookKind kind, const Abilities& abilities);
std::vector<DumpRequest> udp_requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);
// Adds the name of the interface that a listener is bound to.
void complete(const Channel& channel, SocketRecord& record);

struct Ask {
  Protocol protocol;
  std::uint8_t ip_protocol;
  std::uint32_t states;
  std::uint8_t extensions;
};

// Every state but LISTEN and CLOSE.
inline constexpr std::uint32_t kConnected =
    bit(SocketState::Established) | bit(SocketState::SynSent) | bit(SocketState::SynRecv) |
    bit(SocketState::FinWait1) | bit(SocketState::FinWait2) | bit(SocketState::TimeWait) |
    bit(SocketState::CloseWait) | bit(SocketState::LastAck) | bit(SocketState::Closing);

// SKMEMINFO holds the drops. idiag_ext has 8 bits: attributes above 8 come unasked or not at all.
inline constexpr std::uint8_t kWantMemory = 1U << (INET_DIAG_SKMEMINFO - 1);

// One dump for each IP version.
std::vector<DumpRequest> requests(const Ask& ask);
// Where the kernel can, two: ports that programs chose, and ports it handed out.
std::vector<DumpRequest> listener_requests(const Ask& ask, const Abilities& abilities);
// Of what works like UDP.
std::vector<DumpRequest> datagram_requests(Protocol protocol, std::uint8_t ip_protocol, LookKind kind,
                                           const Abilities& abilities);

}  // namespace sockwatch::inet
