// SPDX-License-Identifier: Apache-2.0
// The witnesses that need no more than a socket or a file: sock_diag's dumps (man 7 sock_diag) and the tables
// of /proc/net (man 5 proc_net). Both cost what the listeners and the UDP sockets cost, however many
// connections there are. One thread at a time.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "lib/base/dir.h"
#include "lib/model/port_claim.h"
#include "lib/netlink/channel.h"

namespace sockwatch {

class SockDiagWitness final : public PortWitness {
 public:
  explicit SockDiagWitness(std::unique_ptr<Channel> channel);

  std::string_view name() const override { return "sock_diag"; }
  Result<std::vector<PortClaim>> ask() override;

 private:
  std::unique_ptr<Channel> channel_;
};

class ProcNetWitness final : public PortWitness {
 public:
  // `proc_net` is /proc/net.
  explicit ProcNetWitness(Dir proc_net);

  std::string_view name() const override { return "/proc/net"; }
  Result<std::vector<PortClaim>> ask() override;

 private:
  Dir proc_net_;
};

// Of those ports that sock_diag shows as taken by a socket that nobody can connect to: connections, and TCP
// sockets that are bound and no more. One walk over the machine's table of connections.
Result<std::set<PortClaim>> ports_without_listener(Channel& channel);

}  // namespace sockwatch
