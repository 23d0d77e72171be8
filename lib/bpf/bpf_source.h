// SPDX-License-Identifier: Apache-2.0
// Events by BPF: every TCP socket that starts or stops listening and every UDP bind, with its cookie and the
// process that did it. The one door to libbpf. Loading needs CAP_BPF, CAP_PERFMON and, for UDP,
// CAP_NET_ADMIN; reading needs nothing. The programs live as long as this object: the kernel removes them
// when the process ends, however it ends.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "lib/base/result.h"
#include "lib/bpf/event_ring.h"
#include "lib/model/event_source.h"

struct listen_events;

namespace sockwatch {

class BpfSource final : public EventFeed {
 public:
  struct Options {
    NamespaceId name_space;   // only events of this one are handed on
    std::string cgroup_root;  // where the cgroup tree is mounted; its v2 root is where UDP binds are heard
    bool all_namespaces = false;  // those of the others, too
  };
  // The TCP program must load. What else does not is named in missing().
  static Result<std::unique_ptr<BpfSource>> open(const Options& options);
  ~BpfSource() override;

  EventSource kind() const override { return EventSource::Bpf; }
  int fd() const override;
  bool drain(EventSink& sink) override;
  bool hears_everything() const override { return missing_.empty(); }
  std::uint64_t lost() const override;

  // Programs that could not be used, and why: "udp binds over IPv4: Operation not permitted". Empty when all
  // run.
  const std::string& missing() const { return missing_; }

 private:
  struct Free {
    void operator()(listen_events* skeleton) const;
  };
  BpfSource(NamespaceId name_space, bool all_namespaces)
      : name_space_(name_space), all_namespaces_(all_namespaces) {}
  Result<void> load(const Options& options);
  void attach_binds(const Options& options);
  void take(std::span<const std::byte> bytes, EventSink& sink) const;

  NamespaceId name_space_;
  bool all_namespaces_;
  std::unique_ptr<listen_events, Free> skeleton_;
  std::optional<EventRing> ring_;  // of the skeleton's map
  std::string missing_;
};

}  // namespace sockwatch
