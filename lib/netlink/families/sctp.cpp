// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/sctp.h"

#include <netinet/in.h>

#include "lib/netlink/families/inet.h"

namespace sockwatch::sctp {

// No filter by bind: sctp_diag takes none, so both of its dumps would show every socket.
std::vector<DumpRequest> requests(LookKind kind, const Abilities&) {
  const bool listeners = kind == LookKind::Listeners;
  return inet::requests({Protocol::Sctp, IPPROTO_SCTP,
                         listeners ? bit(SocketState::Listen) : inet::kConnected,
                         listeners ? inet::kWantMemory : std::uint8_t{0}});
}

}  // namespace sockwatch::sctp
