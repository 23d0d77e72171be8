// SPDX-License-Identifier: Apache-2.0
// UNIX sockets that wait for somebody (include/uapi/linux/unix_diag.h): listening ones, and datagram sockets
// with a name.
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::unix_sockets {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);
// Of all of them, also those that wait for nobody: only to list what there is.
std::vector<DumpRequest> list_requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);

}  // namespace sockwatch::unix_sockets
