// SPDX-License-Identifier: Apache-2.0
// The sockets that the kernel made for itself, by BPF iterators: of one network namespace, the one that the
// calling thread is in. Loading needs CAP_BPF and CAP_PERFMON, asking nothing. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

struct kernel_sockets;

namespace sockwatch {

class KernelSocketWalk {
 public:
  static Result<std::unique_ptr<KernelSocketWalk>> open();
  ~KernelSocketWalk();

  // A walk over the namespace we are in now, which may be read from anywhere.
  struct Begun {
    UniqueFd tcp;
    UniqueFd udp;
  };
  Result<Begun> begin();
  // The cookies of its kernel sockets, sorted.
  static Result<std::vector<std::uint64_t>> finish(Begun walk);

 private:
  struct Free {
    void operator()(kernel_sockets* skeleton) const;
  };
  KernelSocketWalk() = default;

  std::unique_ptr<kernel_sockets, Free> skeleton_;
};

}  // namespace sockwatch
