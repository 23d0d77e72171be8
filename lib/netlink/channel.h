// SPDX-License-Identifier: Apache-2.0
// A conversation with sock_diag in one network namespace: the kernel's, a recording's, or a test's.
#pragma once

#include "lib/base/result.h"
#include "lib/model/socket_record.h"
#include "lib/netlink/message.h"

namespace sockwatch {

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
};

}  // namespace sockwatch
