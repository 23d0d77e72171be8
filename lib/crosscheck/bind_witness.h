// SPDX-License-Identifier: Apache-2.0
// Asks the kernel for every port: one that it refuses as taken (EADDRINUSE, man 2 bind) is in use, whatever
// any table says. The witness binds TCP sockets and never listens. UDP ports are asked for through
// IP_LOCAL_PORT_RANGE (man 7 ip, Linux 6.3), because a plain bind of UDP would look like a short-lived server
// to whoever watches binds; on older kernels UDP is not asked. About 0.5 s of CPU the first time; afterwards
// only ports that were refused are asked for again. Needs CAP_NET_BIND_SERVICE for the ports below 1024.
#pragma once

#include <memory>
#include <vector>

#include "lib/model/port_claim.h"
#include "lib/netlink/channel.h"

namespace sockwatch {

class BindWitness final : public PortWitness {
 public:
  // `channel` says which ports connections and merely bound sockets hold: those are no claim. So this witness
  // cannot accuse anybody of hiding a listener whose port has a connection that sock_diag shows.
  explicit BindWitness(std::unique_ptr<Channel> channel);

  std::string_view name() const override { return "bind"; }
  Result<std::vector<PortClaim>> ask() override;
  // A port that can be bound may still be a listener's: of SO_REUSEADDR sockets, of one bound to a device.
  bool may_deny() const override { return false; }

 private:
  std::unique_ptr<Channel> channel_;
  bool asked_ = false;
  std::vector<PortClaim> refused_;
};

}  // namespace sockwatch
