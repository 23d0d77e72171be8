// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/tcp_bound.h"

#include <netinet/in.h>

#include "lib/netlink/families/inet.h"

namespace sockwatch::tcp_bound {

// An older kernel knows no such state, and finds nothing.
std::vector<DumpRequest> requests(LookKind kind, const Abilities&) {
  if (kind == LookKind::Listeners) return {};
  return inet::requests({Protocol::Tcp, IPPROTO_TCP, bit(SocketState::BoundInactive), 0});
}

// The kernel calls them CLOSE.
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  if (!inet::decode(request, payload, record)) return false;
  record.state = SocketState::BoundInactive;
  return true;
}

}  // namespace sockwatch::tcp_bound
