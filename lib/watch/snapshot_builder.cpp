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
}

void SnapshotBuilder::accept(const SocketRecord& record) {
  if (is_listener(record)) snapshot_.listeners.push_back(record);
}

Snapshot& SnapshotBuilder::finish(Instant time) {
  auto& found = snapshot_.listeners;
  std::sort(found.begin(), found.end(), before);
  // The kernel sends a socket twice when the table changes under the dump, and never says so.
  found.erase(std::unique(found.begin(), found.end(), same_socket), found.end());
  snapshot_.time = time;
  return snapshot_;
}

}  // namespace sockwatch
