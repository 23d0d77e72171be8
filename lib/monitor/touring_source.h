// SPDX-License-Identifier: Apache-2.0
// A look at every network namespace, one after the other: our own first, then, as far as they are known or a
// search for them is due, the others by short visits.
// What is entered is left again with the look, so nothing dead is kept alive. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "lib/model/source.h"
#include "lib/monitor/live_source.h"
#include "lib/monitor/namespace_roster.h"
#include "lib/netlink/sock_diag_source.h"

namespace sockwatch {

class TouringSource final : public Source {
 public:
  // The roster must outlive it, and is no other thread's; null: only our own is looked at. Where `host` has
  // to read /proc/net, the others are out of reach.
  TouringSource(std::unique_ptr<LiveSource> host, NamespaceRoster* roster)
      : host_(std::move(host)), roster_(roster) {}

  void start(LookKind kind, Instant now) override;
  bool step(RecordSink& sink, int datagrams) override;
  void hurry() override { host_->hurry(); }
  const LookReport& report() const override { return report_; }

  // Of a look at the listeners, besides those in which something goes on; the others take turns. A look at
  // the connections counts, so it goes everywhere.
  void visit_at_most(std::size_t namespaces) { at_most_ = namespaces; }

  // What the look that has just ended did in other namespaces.
  struct Visits {
    std::size_t count = 0;
    Duration cpu{};
  };
  const Visits& visits() const { return done_; }

  const LiveSource& host() const { return *host_; }

 private:
  enum class Stage : std::uint8_t { Host, Search, Visits };
  struct Visit {
    std::uint64_t inode;
    std::unique_ptr<KernelChannel> channel;
    SockDiagSource look;
  };
  bool is_over();
  void leave_host();
  void set_out();
  void go_on(RecordSink& sink, int datagrams);
  bool enter_next();
  std::unique_ptr<SocketCount> begin_count(std::uint64_t inode);
  void leave();

  std::unique_ptr<LiveSource> host_;
  NamespaceRoster* roster_;
  LookKind kind_ = LookKind::Listeners;
  Instant started_;
  Stage stage_ = Stage::Host;
  std::size_t at_most_ = SIZE_MAX;
  Visits done_;
  std::vector<std::uint64_t> left_;  // still to visit, the next one last
  std::unique_ptr<Visit> visit_;
  std::vector<Protocol> families_;     // that our own namespace answers for
  std::vector<Unseen> seldom_unseen_;  // elsewhere, of what not every look asks for
  LookReport report_;
};

}  // namespace sockwatch
