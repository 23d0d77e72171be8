// SPDX-License-Identifier: Apache-2.0
// Looks through /proc/net where the kernel has no sock_diag. It tells less (net_tables.h says what) and one
// read walks every socket, so a step is a whole table. One thread at a time.
#pragma once

#include <vector>

#include "lib/base/dir.h"
#include "lib/model/source.h"
#include "lib/procfs/net_tables.h"

namespace sockwatch {

class ProcNetSource final : public Source {
 public:
  // `proc_net` shows the sockets of the namespace called `name_space`.
  ProcNetSource(Dir proc_net, const std::vector<Protocol>& families, NamespaceId name_space);

  void start(LookKind kind, Instant now) override;
  bool step(RecordSink& sink, int datagrams) override;
  const LookReport& report() const override { return report_; }

 private:
  Dir proc_net_;
  NamespaceId name_space_;
  std::vector<NetTable> tables_;
  std::size_t next_ = 0;
  LookReport report_;
};

}  // namespace sockwatch
