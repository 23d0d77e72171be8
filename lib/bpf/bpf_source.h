// SPDX-License-Identifier: Apache-2.0
// Events by BPF: every TCP socket that starts or stops listening, and what becomes of every UDP socket that a
// program bound to a port of its choice, each with its cookie and the process that did it. The one door to
// libbpf. Loading needs CAP_BPF, CAP_PERFMON and, for UDP, CAP_NET_ADMIN; reading needs nothing. The programs
// live as long as this object: the kernel removes them when the process ends, however it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
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
    // net.ipv4.ip_local_port_range
    std::uint16_t first_assigned_port = 32768;
    std::uint16_t last_assigned_port = 60999;
  };
  // The TCP program must load. What else does not is named in missing().
  static Result<std::unique_ptr<BpfSource>> open(const Options& options);
  ~BpfSource() override;

  EventSource kind() const override { return EventSource::Bpf; }
  int fd() const override;
  bool drain(EventSink& sink) override;
  bool hears_everything() const override { return missing_.empty(); }
  std::uint64_t lost() const override;
  std::optional<EventLoss> lost_most() const override;

  // Programs that could not be used, and why: "udp binds over IPv4: Operation not permitted". Empty when all
  // run.
  const std::string& missing() const { return missing_; }

 private:
  struct Free {
    void operator()(listen_events* skeleton) const;
  };
  BpfSource(NamespaceId name_space, bool all_namespaces)
      : name_space_(name_space), all_namespaces_(all_namespaces) {}
  // What of UDP is heard: bind, connect and close; bind alone; nothing.
  enum class Udp : std::uint8_t { Life, Binds, Nothing };

  Result<void> load(const Options& options);
  int load(const Options& options, Udp udp);
  void attach_udp(const Options& options, Udp udp);
  Result<void> open_rings();
  void take(std::span<const std::byte> bytes, EventSink& sink) const;

  NamespaceId name_space_;
  bool all_namespaces_;
  std::unique_ptr<listen_events, Free> skeleton_;
  // Of the skeleton's maps: TCP has one of its own. Readable as one.
  std::optional<EventRing> ring_;
  std::optional<EventRing> udp_ring_;
  UniqueFd both_;
  std::string missing_;
};

}  // namespace sockwatch
