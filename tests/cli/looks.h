// SPDX-License-Identifier: Apache-2.0
// Listeners, connections and owners as a look has them, from a few words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "cli/look.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {

inline Owner owned_by(std::string unit, std::string comm, std::int32_t pid, std::string user) {
  Owner owner;
  owner.state = OwnerState::Known;
  owner.unit = std::move(unit);
  owner.holders = {{{pid, 1000}, comm, "/usr/bin/" + comm, 0}};
  owner.user = std::move(user);
  return owner;
}

inline Owner owned_by_nobody(OwnerState state) {
  Owner owner;
  owner.state = state;
  return owner;
}

inline OpenListener open_listener(Protocol protocol, std::string_view address, std::uint16_t port,
                                  Owner owner = {}) {
  OpenListener open{listener(listening(protocol, address, port, port)), std::nullopt};
  open.listener.annotation.owner = std::move(owner);
  open.listener.verdict = {VerdictKind::Unexpected, "default", "", "", Severity::Warning};
  return open;
}

inline OpenListener sshd() {
  OpenListener open =
      open_listener(Protocol::Tcp, "0.0.0.0", 22, owned_by("ssh.service", "sshd", 812, "root"));
  open.listener.annotation.service =
      Service{"ssh", "Secure Shell", "", "", Encryption::Yes, ServiceSource::Common};
  open.listener.verdict = {VerdictKind::Expected, "ssh", "policy.d/50-ssh.toml:2", "remote administration",
                           Severity::Warning};
  open.listener.members.front().send_queue = 128;
  return open;
}

inline SocketRecord connected(std::string_view local, std::uint16_t local_port, std::string_view remote,
                              std::uint16_t remote_port, std::uint64_t cookie) {
  SocketRecord record;
  record.id.cookie = cookie;
  record.state = SocketState::Established;
  record.local = {ip(local), local_port, 0};
  record.remote = {ip(remote), remote_port, 0};
  record.inode = 7;
  return record;
}

}  // namespace sockwatch
