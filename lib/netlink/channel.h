// SPDX-License-Identifier: Apache-2.0
// A conversation with sock_diag in one network namespace: the kernel's, a recording's, or a test's.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/result.h"
#include "lib/model/socket_record.h"
#include "lib/netlink/message.h"

namespace sockwatch {

// What a socket's own record does not say about the interface it is bound to.
struct InterfaceFacts {
  std::string name;          // empty where it is not known
  bool promiscuous = false;  // an administrator or a program switched it on for everybody (IFF_PROMISC)
};

class Channel {
 public:
  virtual ~Channel() = default;

  // One whole netlink message. Never blocks.
  virtual Result<void> send(Bytes request) = 0;

  // The next datagram, in the channel's own buffer: valid until the next call. Never blocks: the kernel forms
  // a dump's datagrams when asked for them, so EAGAIN means that there is none to come. EMSGSIZE: it did not
  // fit and is lost.
  virtual Result<Bytes> receive() = 0;

  virtual NamespaceId name_space() const = 0;

  // Of the channel's namespace. A recording knows none.
  virtual InterfaceFacts interface(std::uint32_t) const { return {}; }

  // Whether there is any use in asking: a recording holds the answers to what was asked then.
  virtual bool can_answer(Bytes) const { return true; }
};

}  // namespace sockwatch
