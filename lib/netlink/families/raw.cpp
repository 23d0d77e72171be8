// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/raw.h"

#include <netinet/in.h>

#include <utility>

#include "lib/netlink/families/inet.h"

namespace sockwatch::raw {

// All of them, whatever IP protocol they take; a connected one hears all that its peer sends.
std::vector<DumpRequest> requests(LookKind kind, const Abilities&) {
  if (kind == LookKind::Connections) return {};
  std::vector<DumpRequest> all;
  for (const SocketState state : {SocketState::Close, SocketState::Established}) {
    for (DumpRequest& made : inet::requests({Protocol::Raw, IPPROTO_RAW, bit(state), inet::kWantMemory}))
      all.push_back(std::move(made));
  }
  return all;
}

bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  if (!inet::decode(request, payload, record)) return false;
  record.type = SocketType::Raw;
  return true;
}

}  // namespace sockwatch::raw
