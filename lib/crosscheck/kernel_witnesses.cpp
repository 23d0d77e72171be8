// SPDX-License-Identifier: Apache-2.0
#include "lib/crosscheck/kernel_witnesses.h"

#include <cerrno>
#include <utility>

#include "lib/netlink/sock_diag_source.h"
#include "lib/procfs/net_tables.h"

namespace sockwatch {
namespace {

constexpr int kAllAtOnce = 64;  // datagrams of one step

class ListenerClaims final : public RecordSink {
 public:
  void accept(const SocketRecord& record) override {
    if (is_listener(record)) claims.push_back({record.protocol, record.local.port, record.inode});
  }
  std::vector<PortClaim> claims;
};

class OtherPorts final : public RecordSink {
 public:
  void accept(const SocketRecord& record) override {
    if (!is_listener(record)) ports.insert({record.protocol, record.local.port, 0});
  }
  std::set<PortClaim> ports;
};

Result<void> poll(SockDiagSource& source, LookKind kind, Breadth breadth, RecordSink& sink) {
  source.start(kind, breadth);
  while (source.step(sink, kAllAtOnce)) {
  }
  if (source.report().unseen.empty()) return {};
  const Unseen& first = source.report().unseen.front();
  return Error{first.what + ": " + first.why};
}

}  // namespace

SockDiagWitness::SockDiagWitness(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

Result<std::vector<PortClaim>> SockDiagWitness::ask() {
  constexpr Protocol kProtocols[] = {Protocol::Tcp, Protocol::Udp};
  SockDiagSource source(*channel_, kProtocols, {.bind_filter = false});
  ListenerClaims sink;
  if (const auto polled = poll(source, LookKind::Listeners, Breadth::All, sink); !polled.ok())
    return polled.error();
  return std::move(sink.claims);
}

ProcNetWitness::ProcNetWitness(Dir proc_net) : proc_net_(std::move(proc_net)) {}

Result<std::vector<PortClaim>> ProcNetWitness::ask() {
  ListenerClaims sink;
  for (const NetTable table : {NetTable::Tcp, NetTable::Tcp6, NetTable::Udp, NetTable::Udp6}) {
    const auto stats = read_net_table(proc_net_, table, sink);
    const bool without_ipv6 = !stats.ok() && stats.error().code == ENOENT && word(table).ends_with('6');
    if (!stats.ok() && !without_ipv6) return stats.error();
    if (stats.ok() && stats->malformed > 0)
      return Error{"lines of /proc/net/" + std::string(word(table)) + " that cannot be read"};
  }
  return std::move(sink.claims);
}

Result<std::set<PortClaim>> ports_without_listener(Channel& channel) {
  constexpr Protocol kProtocols[] = {Protocol::Tcp, Protocol::Udp};
  SockDiagSource source(channel, kProtocols);
  OtherPorts sink;
  for (const Breadth breadth : {Breadth::All, Breadth::Lists}) {
    if (const auto polled = poll(source, LookKind::Connections, breadth, sink); !polled.ok())
      return polled.error();
  }
  return std::move(sink.ports);
}

}  // namespace sockwatch
