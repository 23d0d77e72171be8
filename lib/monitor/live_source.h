// SPDX-License-Identifier: Apache-2.0
// This machine's sockets: through sock_diag, or through /proc/net where the kernel has none, or none for a
// family. Can write a recording on the way. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/model/source.h"
#include "lib/model/view.h"
#include "lib/monitor/connection_counting.h"
#include "lib/monitor/family_sight.h"
#include "lib/monitor/proc_net_source.h"
#include "lib/netlink/kernel_channel.h"
#include "lib/netlink/recording_channel.h"
#include "lib/netlink/sock_diag_source.h"

namespace sockwatch {

class LiveSource final : public Source {
 public:
  struct Options {
    std::vector<Protocol> families;
    std::string proc_root = "/proc";
    std::string record_file;  // empty: no recording
    bool lists = false;       // also what is bound and no more
    // Must outlive the source; null: nothing is counted in the kernel.
    ConnectionCounting* counting = nullptr;
  };
  static Result<std::unique_ptr<LiveSource>> open(Options options);

  void start(LookKind kind, Instant now) override;
  bool step(RecordSink& sink, int datagrams) override;
  void hurry() override { last_all_.reset(); }
  const LookReport& report() const override { return report_; }

  SocketSource kind() const { return proc_net_ ? SocketSource::ProcNet : SocketSource::SockDiag; }
  // What the kernel turned out to be able to.
  Abilities abilities() const { return sock_diag_ ? sock_diag_->abilities() : Abilities{}; }
  NamespaceId name_space() const { return channel_ ? channel_->name_space() : NamespaceId{}; }
  const FamilySight& sight() const { return sight_; }
  // What this look has met; looks at other namespaces add to it.
  TcpListenersMet& met() { return met_; }
  // Of the look under way, or the last.
  Breadth breadth() const { return breadth_; }
  // Families that the look under way, or the last, asks sock_diag for.
  std::vector<Protocol> families() const;
  // What counts connections in the kernel; null: not in this look.
  ConnectionCounting* counting() const {
    return kind_ == LookKind::Connections ? options_.counting : nullptr;
  }
  // Of the recording.
  Result<void> recording_status() const { return writer_ ? writer_->status() : Result<void>(); }

 private:
  explicit LiveSource(Options options) : options_(std::move(options)) {}
  Result<void> open_sock_diag();
  void use(FamilySight sight);
  void look_for_newcomers(Instant now);
  Result<void> fall_back(const Error& why);
  bool refused_everything() const;
  void open_tables();
  Breadth breadth(LookKind kind, Instant now);
  bool step_tables(RecordSink& sink, int datagrams);
  void learn_refusals();
  std::unique_ptr<SocketCount> begin_count() const;
  Sight how(Protocol protocol) const;

  Options options_;
  std::unique_ptr<KernelChannel> channel_;
  std::optional<CaptureWriter> writer_;
  std::optional<RecordingChannel> recording_;
  std::optional<SockDiagSource> sock_diag_;
  std::optional<ProcNetSource> proc_net_;  // once sock_diag turned out to be missing
  std::optional<ProcNetSource> tables_;    // of the families that have no sock_diag
  bool in_tables_ = false;                 // the look has got there
  FamilySight sight_;
  MonotonicTime looked_for_newcomers_{};
  TcpListenersMet met_;
  Breadth breadth_ = Breadth::All;
  std::optional<Instant> last_all_;    // when all families were asked for listeners
  int all_datagrams_ = 0;              // that took at most
  std::vector<Unseen> seldom_unseen_;  // what was out of sight then
  LookKind kind_ = LookKind::Listeners;
  Instant started_;
  LookReport report_;
};

}  // namespace sockwatch
