// SPDX-License-Identifier: Apache-2.0
// TCP sockets that are bound and neither listen nor talk (Linux 6.8): a port that is taken, and shows nowhere
// else.
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::tcp_bound {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);

}  // namespace sockwatch::tcp_bound
