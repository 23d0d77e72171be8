// SPDX-License-Identifier: Apache-2.0
// What is open, seen once: on this machine (machine.h) or at the end of a recording (recording.h). Every
// command that shows sockets shows a look; what they all say about the gaps in their view is here, too. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/annotate/service_table.h"
#include "lib/model/connections.h"
#include "lib/model/listener.h"
#include "lib/model/snapshot.h"
#include "lib/model/view.h"
#include "lib/reach/published.h"

namespace sockwatch {

enum class Depth : std::uint8_t {
  Listeners,
  Counted,     // and how many connections each holds
  Everything,  // and whose every connection is
};

struct OpenListener {
  Listener listener;  // first_seen is zero where no daemon has told
  std::optional<std::uint64_t> connections;
  std::optional<firewall::Reach> reach = {};  // where the firewall was asked
};

struct Look {
  std::vector<OpenListener> listeners;      // by protocol, port and address
  std::vector<SeenConnection> connections;  // by protocol and local place
  std::vector<Unseen> unseen;               // what the kernel, or the recording, did not tell
  SocketSource source = SocketSource::SockDiag;
  bool anything_learned = false;  // by a daemon on this machine
  std::vector<firewall::PublishedPort>
      published{};  // by the machine's own namespace, where the firewall was asked
  std::vector<std::string> namespaces{std::string(kHostNamespace)};  // that were looked into
};

// What was there when we first looked has been open for longer, nobody knows how long.
void forget_unknown_first_seen(std::vector<Listener>& listeners, Instant first_look);

// Without the lines of /proc/net/unix that nobody's socket stands behind: anybody can write one, by a newline
// in a name.
void drop_mere_lines(Look& look);

// `listeners` are sorted by key. Each gets the number of the connections it holds, and every connection its
// direction and service; without connections nothing was counted. Owners of connections are still to be
// found.
Look put_together(std::vector<Listener> listeners, std::optional<std::vector<SocketRecord>> connections,
                  const ServiceTable& services);

// Everything that is missing from what the look holds: the unseen, and sockets whose owners were denied to
// us.
std::vector<Unseen> gaps_of(const Look& look);

// The same, a printable line each.
std::vector<std::string> gap_lines(const Look& look);

// What a person should know before they trust what the look holds, a line each and printable; the gaps first.
std::vector<std::string> remarks_on(const Look& look);

}  // namespace sockwatch
