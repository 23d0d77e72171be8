// SPDX-License-Identifier: Apache-2.0
// What the administrator and the machine say about time and ports, as far as the pipeline needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// Between bind(2) and connect(2) of a client's datagram socket. It does nothing else meanwhile, but may lose
// the processor: Chromium's took 34 ms among builds.
inline constexpr Duration kClientSetup = std::chrono::milliseconds(200);

struct PipelineSettings {
  Duration restart_grace = std::chrono::seconds(30);
  // How long a verdict may wait for an owner that is still sought.
  Duration owner_grace = std::chrono::seconds(2);
  // The widest scope on which an unencrypted protocol needs no rule that names its reach.
  Scope plaintext_scope = Scope::Private;
  // net.ipv4.ip_local_port_range. A UDP socket here that no look ever showed is a client's, as far as anyone
  // can tell.
  std::uint16_t first_assigned_port = 32768;
  std::uint16_t last_assigned_port = 60999;
  // So many sockets a poll takes in as new or changed, and defers the others (backlog.h); the first poll, and
  // one that learns, takes in all.
  std::size_t intake_of_poll = std::numeric_limits<std::size_t>::max();
  // Protocols that looks ask for: of others an event says nothing that any look could settle.
  std::vector<Protocol> families = {Protocol::Tcp, Protocol::Udp};
};

}  // namespace sockwatch
