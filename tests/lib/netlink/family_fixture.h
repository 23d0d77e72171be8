// SPDX-License-Identifier: Apache-2.0
// What families.py opened, as the kernel told it.
#pragma once

#include <algorithm>
#include <vector>

#include "lib/netlink/replay_channel.h"
#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {

inline std::vector<SocketRecord> fixture_records(LookKind kind) {
  constexpr std::array kFamilies = {Protocol::Tcp, Protocol::Mptcp, Protocol::Udplite, Protocol::Packet,
                                    Protocol::Unix};
  const Capture capture = fixture("families.swcap");
  ReplayChannel channel(capture);
  channel.play(kind == LookKind::Listeners ? 0 : 1);
  // The second look asked for bound sockets only.
  SockDiagSource source(channel, kind == LookKind::Listeners ? std::span<const Protocol>(kFamilies)
                                                             : std::span<const Protocol>(kFamilies).first(1));
  RecordList list;
  source.start(kind, Breadth::Lists);
  while (source.step(list, 1)) continue;
  return list.records;
}

inline std::vector<SocketRecord> of_protocol(const std::vector<SocketRecord>& all, Protocol protocol) {
  std::vector<SocketRecord> records;
  std::copy_if(all.begin(), all.end(), std::back_inserter(records),
               [&](const SocketRecord& record) { return record.protocol == protocol; });
  return records;
}

}  // namespace sockwatch
