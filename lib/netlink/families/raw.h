// SPDX-License-Identifier: Apache-2.0
// Raw IP sockets (net/ipv4/raw_diag.c). Their port is the IP protocol they take.
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::raw {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);

}  // namespace sockwatch::raw
