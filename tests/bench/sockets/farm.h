// SPDX-License-Identifier: Apache-2.0
// Many sockets in the network namespace of the calling thread, held by child processes until the farm goes.
// Each call returns when they are all there. Needs root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "tests/bench/sockets/holders.h"

namespace sockwatch::bench {

class Farm {
 public:
  Farm();

  // TCP, on ports 2000 to 9999 of 127.0.0.1, then of 127.0.0.2 and so on. The first thousand take what
  // add_sockets() and add_time_wait() connect.
  Result<void> add_listeners(std::size_t count);
  // Established, two a connection.
  Result<void> add_sockets(std::size_t count);
  // UDP, bound as the listeners are.
  Result<void> add_udp(std::size_t count);
  // TCP sockets in TIME_WAIT: for a minute, in which up to a million and a half can be made.
  Result<void> add_time_wait(std::size_t count);

  std::size_t sockets() const { return sockets_; }

 private:
  using Deed = std::function<bool(std::size_t number)>;
  Result<void> hold(std::size_t count, std::size_t most_each, const Deed& deed);
  bool connect_and_accept(std::size_t number, bool keep) const;

  std::size_t descriptors_;
  std::vector<UniqueFd> listeners_;
  Holders holders_;
  std::size_t sockets_ = 0;
};

}  // namespace sockwatch::bench
