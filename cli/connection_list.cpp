// SPDX-License-Identifier: Apache-2.0
#include "cli/connection_list.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sockwatch {
namespace {

constexpr int kDatagramsAStep = 64;

auto order_of(const SocketRecord& record) {
  return std::tuple(record.protocol, record.local, record.remote, record.id.cookie);
}

bool same_socket(const SocketRecord& a, const SocketRecord& b) {
  return a.id.cookie != 0 && a.id == b.id;  // /proc/net has no cookie for a TIME_WAIT
}

}  // namespace

void ConnectionList::collect(Source& source, Instant now) {
  records_.clear();
  source.start(LookKind::Connections, now);
  while (source.step(*this, kDatagramsAStep)) continue;
}

void ConnectionList::accept(const SocketRecord& record) {
  if (!is_listener(record)) records_.push_back(record);
}

std::vector<SocketRecord> ConnectionList::take() {
  std::sort(records_.begin(), records_.end(),
            [](const SocketRecord& a, const SocketRecord& b) { return order_of(a) < order_of(b); });
  records_.erase(std::unique(records_.begin(), records_.end(), same_socket), records_.end());
  return std::exchange(records_, {});
}

void find_owners(std::vector<SeenConnection>& connections, OwnerResolver& resolver) {
  std::vector<SeenConnection*> open;
  for (SeenConnection& connection : connections) open.push_back(&connection);
  while (!open.empty()) {
    std::vector<OwnerQuery> queries;
    for (const SeenConnection* connection : open) queries.push_back({{&connection->record, 1}});
    std::vector<Owner> owners = resolver.resolve(queries);
    for (std::size_t i = 0; i < open.size(); ++i) open[i]->annotation.owner = std::move(owners[i]);
    // Put off, because each call takes only so many steps: ask again for those.
    std::erase_if(open, [](const SeenConnection* connection) {
      return connection->annotation.owner.state != OwnerState::Budget;
    });
  }
}

}  // namespace sockwatch
