// SPDX-License-Identifier: Apache-2.0
// Gathers the listeners of one look into a Snapshot: sorted, each socket once. Its buffer is reused, so a
// look like the last one allocates nothing. Loop thread only.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "lib/model/snapshot.h"
#include "lib/model/socket_record.h"
#include "lib/watch/intake.h"

namespace sockwatch {

class SnapshotBuilder final : public RecordSink {
 public:
  // Forgets the records of the last look. The intake, if there is one, says which of the next ones to keep.
  void start(Intake* intake = nullptr);
  // Records that are no listeners are left out.
  void accept(const SocketRecord& record) override;

  // The look is over. Valid until the next start(). The caller fills in what it knows about completeness.
  Snapshot& finish(Instant time);

 private:
  void merge_mptcp();
  void spread_promiscuity();

  Intake* intake_ = nullptr;
  Snapshot snapshot_;
  std::vector<SocketRecord> mptcp_;
  std::vector<std::pair<NamespaceId, std::uint32_t>> promiscuous_;  // interfaces
};

}  // namespace sockwatch
