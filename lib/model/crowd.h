// SPDX-License-Identifier: Apache-2.0
// Sockets that are counted and not kept one by one: of what every machine has very many and no rule names,
// what one user has more of than there is room for, and what has yet to be judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// Of one protocol; the policy ignores them all.
struct AggregateCount {
  Protocol protocol = Protocol::Unix;
  Scope scope = Scope::Any;
  std::uint64_t sockets = 0;
};

// Of one creator, past watch.max_listeners.
struct OverLimit {
  std::uint32_t uid = 0;
  std::uint64_t cgroup_id = 0;
  std::string user;  // the number where it has no name
  std::string unit;  // or the container; empty where neither is known
  std::uint64_t sockets = 0;
};

struct CrowdCounts {
  std::vector<AggregateCount> aggregate;  // by protocol and scope
  std::vector<OverLimit> over_limit;      // who has most first; the first ones of them
  std::uint64_t sockets_over_limit = 0;   // of all
  std::uint64_t deferred = 0;             // listeners that polls have shown and the next ones will take in
};

}  // namespace sockwatch
