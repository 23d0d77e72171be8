// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/mptcp.h"

#include <linux/netlink.h>
#include <netinet/in.h>

#include "lib/netlink/families/inet.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262  // Linux 5.6
#endif

namespace sockwatch::mptcp {

// The number does not fit the request's eight bits: 255 stands there, and an attribute says it (Linux 5.9).
// Connections are not asked for: their subflows are TCP connections, and counted as such.
std::vector<DumpRequest> requests(LookKind kind, const Abilities&) {
  if (kind == LookKind::Connections) return {};
  auto all = inet::requests({Protocol::Mptcp, IPPROTO_RAW, bit(SocketState::Listen), 0});
  for (DumpRequest& request : all) {
    append(request.body, nlattr{NLA_HDRLEN + sizeof(std::uint32_t), INET_DIAG_REQ_PROTOCOL});
    append(request.body, std::uint32_t{IPPROTO_MPTCP});
  }
  return all;
}

bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  if (!inet::decode(request, payload, record)) return false;
  record.mptcp = true;
  return true;
}

}  // namespace sockwatch::mptcp
