// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/raw.h"

#include <netinet/in.h>

#include "lib/netlink/families/inet.h"

namespace sockwatch::raw {

// All of them, whatever IP protocol they take; a connected one hears its peer only.
std::vector<DumpRequest> requests(LookKind kind, const Abilities&) {
  const bool listeners = kind == LookKind::Listeners;
  return inet::requests({Protocol::Raw, IPPROTO_RAW,
                         bit(listeners ? SocketState::Close : SocketState::Established),
                         listeners ? inet::kWantMemory : std::uint8_t{0}});
}

bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  if (!inet::decode(request, payload, record)) return false;
  record.type = SocketType::Raw;
  return true;
}

}  // namespace sockwatch::raw
