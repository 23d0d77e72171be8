// SPDX-License-Identifier: Apache-2.0
// Counts TCP connections by BPF: the kernel walks its table once and keeps the counts, at half of what it
// costs to be told of each by sock_diag. But an empty table costs ten times as much. Loading needs CAP_BPF
// and CAP_PERFMON, counting nothing (Linux 5.19; before, where kernel.unprivileged_bpf_disabled is set, it
// fails). One thread at a time.
#pragma once

#include <memory>

#include "lib/base/result.h"
#include "lib/model/socket_count.h"

struct tcp_counts;

namespace sockwatch {

class TcpCounter final : public SocketCounter {
 public:
  static Result<std::unique_ptr<TcpCounter>> open();
  ~TcpCounter() override;

  Result<std::unique_ptr<SocketCount>> begin() override;

 private:
  struct Free {
    void operator()(tcp_counts* skeleton) const;
  };
  TcpCounter() = default;

  std::unique_ptr<tcp_counts, Free> skeleton_;
};

}  // namespace sockwatch
