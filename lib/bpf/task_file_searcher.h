// SPDX-License-Identifier: Apache-2.0
// The holders of sockets by BPF: the kernel walks all open files once and names those that were asked for.
// Ten times cheaper than /proc/PID/fd, and no process can refuse. Loading needs CAP_BPF and CAP_PERFMON,
// searching nothing (Linux 5.19; before, where kernel.unprivileged_bpf_disabled is set, it fails and /proc
// has to do). Sees no io_uring's direct descriptors and nothing that is on its way in a unix socket. Loop
// thread only.
#pragma once

#include <array>
#include <memory>

#include "lib/base/result.h"
#include "lib/model/socket_search.h"

struct task_files;

namespace sockwatch {

class TaskFileSearcher final : public SocketSearcher {
 public:
  static Result<std::unique_ptr<TaskFileSearcher>> open();
  ~TaskFileSearcher() override;

  // Two at a time: what a search looks for is written where its program reads it. Of more inodes than fit the
  // first are looked for.
  std::unique_ptr<SocketSearch> search(std::vector<std::uint32_t> inodes) override;

 private:
  class Search;
  // The programs, loaded once for each search that may go on at a time.
  struct Free {
    void operator()(task_files* skeleton) const;
  };
  struct Slot {
    std::unique_ptr<task_files, Free> skeleton;
    bool busy = false;
  };
  TaskFileSearcher() = default;
  static Result<void> load(Slot& slot);

  std::array<std::shared_ptr<Slot>, 2> slots_;  // a search keeps its own
};

}  // namespace sockwatch
