// SPDX-License-Identifier: Apache-2.0
// Where socket records come from: the kernel through sock_diag, /proc/net, or a recording. One thread at a
// time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/snapshot.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// How far one look can be relied on.
struct LookReport {
  std::array<bool, kWordCount<Protocol>> complete{};  // every dump of the protocol ended well
  std::vector<NamespaceId> torn;  // sorted: where some dump did not end well, or none was possible
  std::vector<Unseen> unseen;
  std::vector<Unseen> unseen_seldom;                     // those of them that not every look asks for
  std::uint64_t malformed = 0;                           // messages skipped
  std::array<bool, kWordCount<Protocol>> unsupported{};  // the kernel has no sock_diag for it
  std::uint64_t tcp_connections = 0;
  bool counted = false;         // they were, in the kernel, and not told one by one
  std::string why_not_counted;  // where that was tried

  LookResult result() const {
    if (unseen.empty()) return LookResult::Complete;
    const bool any = std::find(complete.begin(), complete.end(), true) != complete.end();
    return any ? LookResult::Partial : LookResult::Failed;
  }
};

// One look at a time: start(), then step() until it answers false, then report().
class Source {
 public:
  virtual ~Source() = default;

  virtual void start(LookKind kind, Instant now) = 0;
  // Works on at most `datagrams` parts of the look and hands each record to the sink. False when the look is
  // over.
  virtual bool step(RecordSink& sink, int datagrams) = 0;
  // Something waits to be confirmed: the next look leaves out nothing that is otherwise asked for seldom.
  virtual void hurry() {}
  // Of the last finished look.
  virtual const LookReport& report() const = 0;
};

}  // namespace sockwatch
