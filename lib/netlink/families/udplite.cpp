// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/udplite.h"

#include <netinet/in.h>

#include "lib/netlink/families/inet.h"

namespace sockwatch::udplite {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities) {
  return inet::datagram_requests(Protocol::Udplite, IPPROTO_UDPLITE, kind, abilities);
}

}  // namespace sockwatch::udplite
