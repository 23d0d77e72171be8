// SPDX-License-Identifier: Apache-2.0
// Which sockets the kernel made for itself, as BPF tells, in our network namespace and in those of the
// roster. One walk of a namespace answers for all its sockets and for a moment. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "lib/base/clock.h"
#include "lib/bpf/kernel_socket_walk.h"
#include "lib/model/socket_record.h"
#include "lib/model/socket_search.h"
#include "lib/monitor/namespace_roster.h"

namespace sockwatch {

class KernelSockets final : public KernelSocketFinder {
 public:
  // `own` is the namespace we are in. The roster may be null, and must outlive this.
  KernelSockets(NamespaceId own, NamespaceRoster* roster, const Clock& clock)
      : own_(own), roster_(roster), clock_(clock) {}

  // Loads the programs, while we may; else the first question does.
  void open();

  std::optional<bool> is_kernel_socket(const SocketRecord& socket) override;

 private:
  struct Walked {
    MonotonicTime when{};
    std::optional<std::vector<std::uint64_t>> cookies;  // sorted; nothing where they could not be told
  };
  std::optional<std::vector<std::uint64_t>> walk(NamespaceId where);

  NamespaceId own_;
  NamespaceRoster* roster_;
  const Clock& clock_;
  bool opened_ = false;
  std::unique_ptr<KernelSocketWalk> programs_;  // null where they could not be loaded
  std::map<NamespaceId, Walked> walked_;
};

}  // namespace sockwatch
