// SPDX-License-Identifier: Apache-2.0
// Sockets between a host and its virtual machines (include/uapi/linux/vm_sockets_diag.h).
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::vsock {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);

}  // namespace sockwatch::vsock
