// SPDX-License-Identifier: Apache-2.0
// One look through a channel: asks every family's dumps one after the other and hands each record to a sink.
// A state machine that works in steps, so that a dump of a million sockets never keeps the loop from a signal
// or an alert. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lib/model/socket_count.h"
#include "lib/model/source.h"
#include "lib/netlink/channel.h"
#include "lib/netlink/family.h"

namespace sockwatch {

// Which TCP listeners are new since the last round of looks. Cookies are the machine's, so one serves looks
// at all its namespaces.
class TcpListenersMet {
 public:
  void start_round();
  // True where no earlier round has met it.
  bool meet(std::uint64_t cookie);
  // Everything is new again.
  void forget() { known_.clear(), met_.clear(); }

 private:
  std::vector<std::uint64_t> known_;  // sorted
  std::vector<std::uint64_t> met_;
};

class SockDiagSource {
 public:
  // The channel must outlive the source, and so must what was met; without that every listener is new. What
  // the kernel turns out not to be able to is remembered.
  SockDiagSource(Channel& channel, std::span<const Protocol> wanted, Abilities abilities = {},
                 TcpListenersMet* met = nullptr);

  // Begins a look. A look in progress goes on instead: two dumps on one socket get in each other's way.
  // With `count`, TCP connections are counted by it, and told by the channel only where it fails.
  void start(LookKind kind, Breadth breadth = Breadth::All, std::unique_ptr<SocketCount> count = nullptr);
  bool busy() const { return count_ != nullptr || next_ < plan_.size(); }

  // Receives at most `datagrams` datagrams (32 KiB each). False when the look is over.
  bool step(RecordSink& sink, int datagrams);

  // Not to be asked for any more. Between two looks.
  void give_up(Protocol protocol);

  // Of the last finished look.
  const LookReport& report() const { return report_; }

  // False once the kernel has refused the filter that tells chosen ports from assigned ones; every listener's
  // bind is then Unknown, and rules treat it as chosen: a guess by port range would hide WireGuard's 51820
  // and its like.
  bool tells_binds_apart() const { return abilities_.bind_filter; }
  // As the kernel has answered so far.
  const Abilities& abilities() const { return abilities_; }

 private:
  struct Planned {
    const Family* family;
    DumpRequest request;
  };

  void plan();
  std::vector<DumpRequest> requests_of(const Family& family) const;
  void step_count(RecordSink& sink, int parts);
  void note_listener(const SocketRecord& record);
  void advance();
  void ask();
  void receive(RecordSink& sink);
  void take(const Message& message, RecordSink& sink);
  void finish(int error_code);
  void fail(const Error& error);

  Channel& channel_;
  std::vector<const Family*> wanted_;
  Abilities abilities_;
  TcpListenersMet* met_;
  LookKind kind_ = LookKind::Listeners;
  Breadth breadth_ = Breadth::All;
  bool new_tcp_ = false;                // this look has shown a TCP listener that none before had
  std::unique_ptr<SocketCount> count_;  // under way
  bool tcp_is_counted_ = false;         // by it, in this look
  std::vector<Planned> plan_;
  std::size_t next_ = 0;  // the dump under way or to be asked
  bool asked_ = false;
  bool interrupted_ = false;
  std::uint32_t sequence_ = 0;
  LookReport report_;
};

}  // namespace sockwatch
