// SPDX-License-Identifier: Apache-2.0
// Packet sockets (include/uapi/linux/packet_diag.h): sniffers, DHCP clients, link-layer daemons.
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::packet_sockets {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);
// Of all of them, also those that wait for nobody: only to list what there is.
std::vector<DumpRequest> list_requests(LookKind kind, const Abilities& abilities);
bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record);
// The interface's name, and whether it is promiscuous for everybody.
void complete(const Channel& channel, SocketRecord& record);

}  // namespace sockwatch::packet_sockets
