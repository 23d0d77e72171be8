// SPDX-License-Identifier: Apache-2.0
#include "lib/web/connection_queue.h"

#include <sys/socket.h>

#include <algorithm>

namespace sockwatch {

void ConnectionQueue::opened(int fd) {
  open_.push_back(fd);
  if (open_.size() <= most_) return;
  // Fails only where the peer is gone already, which is what we want.
  (void)::shutdown(open_.front(), SHUT_RDWR);
  open_.pop_front();
}

void ConnectionQueue::closed(int fd) {
  const auto found = std::find(open_.begin(), open_.end(), fd);
  if (found != open_.end()) open_.erase(found);
}

}  // namespace sockwatch
