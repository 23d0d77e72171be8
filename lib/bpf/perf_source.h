// SPDX-License-Identifier: Apache-2.0
// Events by a perf tracepoint, where BPF is not allowed: every TCP socket that starts or stops listening,
// filtered in the kernel, with the process but without cookie, namespace and inode. Hears no UDP. Needs
// CAP_PERFMON and tracefs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/bpf/tracepoint.h"
#include "lib/model/event_source.h"

namespace sockwatch {

class PerfSource final : public EventFeed {
 public:
  // Where tracefs is mounted, usually /sys/kernel/tracing. The tracepoint tells no namespace: its events are
  // taken for this one's, and the caller is asked for his where he still runs.
  static Result<std::unique_ptr<PerfSource>> open(const std::string& tracefs, NamespaceId name_space);
  ~PerfSource() override;

  EventSource kind() const override { return EventSource::Perf; }
  int fd() const override { return epoll_.get(); }
  bool drain(EventSink& sink) override;
  bool hears_everything() const override { return false; }
  std::uint64_t lost() const override { return lost_; }

 private:
  // One CPU's descriptor and the ring that the kernel writes for it.
  struct Ring {
    UniqueFd fd;
    void* memory = nullptr;
  };

  explicit PerfSource(NamespaceId name_space) : name_space_(name_space) {}
  Result<void> add_cpu(int cpu, std::uint64_t tracepoint);
  bool read(Ring& ring);
  void count_losses();
  void take(std::span<const std::byte> record);

  NamespaceId name_space_;
  TracepointLayout layout_;
  UniqueFd epoll_;
  std::vector<Ring> rings_;
  std::vector<std::byte> record_;    // one that may wrap round the ring's end, put together
  std::vector<SocketEvent> events_;  // of the drain() under way
  bool counts_lost_ = true;          // the kernel keeps a counter (Linux 6.0); else it only writes records
  bool was_full_ = false;            // a ring, in the drain() under way
  std::uint64_t lost_ = 0;
};

}  // namespace sockwatch
