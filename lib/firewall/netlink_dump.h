// SPDX-License-Identifier: Apache-2.0
// Questions to the kernel by libmnl, in the network namespace of the thread that opens it: a whole dump at a
// time. Blocks for as long as the kernel takes to answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "lib/base/result.h"
#include "lib/netlink/message.h"

struct mnl_socket;
struct nlmsghdr;

namespace sockwatch::firewall {

class NetlinkDump {
 public:
  // `bus` is NETLINK_NETFILTER or NETLINK_ROUTE.
  static Result<NetlinkDump> open(int bus);

  // A request as the caller puts it together: the header with type and flags, the family's own header,
  // attributes.
  using Fill = std::function<void(nlmsghdr& message)>;
  using Take = std::function<void(const nlmsghdr& message)>;
  // EINTR: something changed meanwhile, ask again. EPERM: it takes CAP_NET_ADMIN.
  Result<void> ask(const Fill& fill, const Take& take);

  // What stands behind the netlink header.
  static Bytes payload_of(const nlmsghdr& message);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit NetlinkDump(mnl_socket* socket) : socket_(socket), buffer_(64 * 1024) {}

  std::unique_ptr<mnl_socket, Close> socket_;
  std::vector<char> buffer_;
  std::uint32_t sequence_ = 0;
};

}  // namespace sockwatch::firewall
