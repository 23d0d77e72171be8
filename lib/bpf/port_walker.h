// SPDX-License-Identifier: Apache-2.0
// The ports that listen by BPF iterators over the kernel's own tables (Documentation/bpf/bpf_iterators.rst).
// Loading needs CAP_BPF and CAP_PERFMON, asking nothing (Linux 5.19; before, where
// kernel.unprivileged_bpf_disabled is set, it fails). One thread at a time.
#pragma once

#include <memory>

#include "lib/model/port_claim.h"

struct port_walk;

namespace sockwatch {

class PortWalker final : public PortWitness {
 public:
  static Result<std::unique_ptr<PortWalker>> open();
  ~PortWalker() override;

  std::string_view name() const override { return "BPF iterator"; }
  Result<std::vector<PortClaim>> ask() override;

 private:
  struct Free {
    void operator()(port_walk* skeleton) const;
  };
  PortWalker() = default;

  std::unique_ptr<port_walk, Free> skeleton_;
};

}  // namespace sockwatch
