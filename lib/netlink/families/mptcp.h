// SPDX-License-Identifier: Apache-2.0
// MPTCP (net/mptcp/mptcp_diag.c). The kernel lists an MPTCP listener twice: as the TCP socket that does the
// work, and here, under the same inode and a cookie of its own. What is told here is a fact about that TCP
// socket.
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::mptcp {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);

}  // namespace sockwatch::mptcp
