// SPDX-License-Identifier: Apache-2.0
// Many sockets in a network namespace of their own: listeners, and loopback connections to them, held by
// child processes until the farm goes. Needs root.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace sockwatch::bench {

class Farm {
 public:
  // Moves the calling thread into a new network namespace and opens `listeners` TCP listeners there, on
  // 127.0.0.1 from port 2000 on.
  static Result<Farm> open(std::size_t listeners);

  // Adds this many sockets, two a connection. Returns when they are all established.
  Result<void> add_sockets(std::size_t sockets);

  std::size_t sockets() const { return sockets_; }
  ~Farm();
  Farm(Farm&&) = default;
  Farm& operator=(Farm&&) = default;

 private:
  Farm() = default;
  Result<void> add_holder(std::size_t connections);

  std::vector<UniqueFd> listeners_;
  std::vector<pid_t> holders_;
  std::vector<UniqueFd> lines_;  // a holder ends when its line is cut
  std::size_t sockets_ = 0;
};

}  // namespace sockwatch::bench
