// SPDX-License-Identifier: Apache-2.0
// The channel to this machine's kernel, in the network namespace of the thread that opens it. libnl makes,
// binds and writes the socket; datagrams are received into one reused buffer, because nl_recv(3) allocates
// each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "lib/netlink/channel.h"

struct nl_sock;

namespace sockwatch {

class KernelChannel final : public Channel {
 public:
  // EPROTONOSUPPORT where the kernel has no sock_diag (gVisor, WSL 1, CONFIG_INET_DIAG unset).
  // Before Linux 5.14 a namespace has no cookie and goes by `without_cookie`: its nsfs inode, or 0 for the
  // only one.
  static Result<std::unique_ptr<KernelChannel>> open(NamespaceId without_cookie = {});

  Result<void> send(Bytes request) override;
  Result<Bytes> receive() override;
  NamespaceId name_space() const override { return name_space_; }
  InterfaceFacts interface(std::uint32_t index) const override;
  // From where the last datagram came, where that is another namespace: its number here
  // (NETLINK_LISTEN_ALL_NSID).
  std::optional<std::int32_t> from_namespace() const { return from_namespace_; }
  // For options and for polling; the channel keeps it.
  int fd() const;

 private:
  struct Free {
    void operator()(nl_sock* socket) const;
  };
  KernelChannel(std::unique_ptr<nl_sock, Free> socket, NamespaceId without_cookie);

  std::unique_ptr<nl_sock, Free> socket_;
  NamespaceId name_space_{};
  std::optional<std::int32_t> from_namespace_;
  std::vector<std::byte> buffer_;
};

}  // namespace sockwatch
