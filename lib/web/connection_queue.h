// SPDX-License-Identifier: Apache-2.0
// The connections a server holds, oldest first, so that a full server makes room: whoever opens many and says
// nothing loses its own first, and a scrape still gets in at once instead of after the others' timeout.
#pragma once

#include <cstddef>
#include <deque>

namespace sockwatch {

// One thread. Descriptors are not owned.
class ConnectionQueue {
 public:
  explicit ConnectionQueue(std::size_t most) : most_(most) {}

  // Shuts the oldest connection down (shutdown(2): its owner then sees the end and closes it) if this is one
  // too many.
  void opened(int fd);
  void closed(int fd);

 private:
  std::size_t most_;
  std::deque<int> open_;
};

}  // namespace sockwatch
