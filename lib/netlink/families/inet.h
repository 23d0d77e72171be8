// SPDX-License-Identifier: Apache-2.0
// TCP and UDP over IPv4 and IPv6 (include/uapi/linux/inet_diag.h).
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::inet {

std::vector<DumpRequest> tcp_requests(LookKind kind, const Abilities& abilities);
std::vector<DumpRequest> udp_requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);

}  // namespace sockwatch::inet
