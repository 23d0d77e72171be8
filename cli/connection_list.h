// SPDX-License-Identifier: Apache-2.0
// Connections one by one, for a person who asked; the daemon only ever counts them.
#pragma once

#include <vector>

#include "cli/look.h"
#include "lib/annotate/owner.h"
#include "lib/model/source.h"

namespace sockwatch {

class ConnectionList final : public RecordSink {
 public:
  // A whole look at the connections.
  void collect(Source& source, Instant now);
  void accept(const SocketRecord& record) override;

  // Sorted by protocol, local and remote place. Each socket once: while others come and go, the kernel may
  // tell one twice (inet_diag.c keeps its place in a hash chain by counting).
  std::vector<SocketRecord> take();

 private:
  std::vector<SocketRecord> records_;
};

// Fills in the owners, however long the search takes.
void find_owners(std::vector<SeenConnection>& connections, OwnerResolver& resolver);

}  // namespace sockwatch
