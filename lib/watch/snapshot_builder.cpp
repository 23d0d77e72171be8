// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/snapshot_builder.h"

#include <algorithm>
#include <tuple>

#include "lib/model/listener.h"

namespace sockwatch {
namespace {

bool before(const SocketRecord& a, const SocketRecord& b) {
  return std::tuple(key_of(a), a.id) < std::tuple(key_of(b), b.id);
}

bool same_socket(const SocketRecord& a, const SocketRecord& b) {
  return a.id == b.id && key_of(a) == key_of(b);
}

}  // namespace

void SnapshotBuilder::start() {
  snapshot_.listeners.clear();
  snapshot_.complete = {};
  snapshot_.torn.clear();
  snapshot_.whole = false;
  mptcp_.clear();
}

void SnapshotBuilder::accept(const SocketRecord& record) {
  if (!is_listener(record)) return;
  (record.protocol == Protocol::Mptcp ? mptcp_ : snapshot_.listeners).push_back(record);
}

// The kernel lists one listener under both protocols, with one inode. It goes by its TCP socket, whose cookie
// is that of events. Where TCP is not looked at, it stands for itself.
void SnapshotBuilder::merge_mptcp() {
  for (const SocketRecord& record : mptcp_) {
    auto& found = snapshot_.listeners;
    const auto twin = std::find_if(found.begin(), found.end(), [&](const SocketRecord& tcp) {
      return tcp.protocol == Protocol::Tcp && tcp.inode == record.inode && tcp.inode != 0 &&
             tcp.id.name_space == record.id.name_space;
    });
    if (twin == found.end()) {
      found.push_back(record);
    } else {
      twin->mptcp = true;
    }
  }
}

Snapshot& SnapshotBuilder::finish(Instant time) {
  merge_mptcp();
  auto& found = snapshot_.listeners;
  std::sort(found.begin(), found.end(), before);
  // The kernel sends a socket twice when the table changes under the dump, and never says so.
  found.erase(std::unique(found.begin(), found.end(), same_socket), found.end());
  snapshot_.time = time;
  return snapshot_;
}

}  // namespace sockwatch
