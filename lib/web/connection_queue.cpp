// SPDX-License-Identifier: Apache-2.0
#include "lib/web/connection_queue.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace sockwatch {
namespace {

// Fails only where the peer is gone already, which is what we want.
void hang_up(int fd) {
  (void)::shutdown(fd, SHUT_RDWR);
}

// RFC 9112 9.6: a client may end its direction after its last request, and still reads the answer.
bool has_ended(int fd) {
  pollfd peer{fd, POLLRDHUP, 0};
  char byte = 0;
  return ::poll(&peer, 1, 0) > 0 && (peer.revents & POLLRDHUP) != 0 &&
         ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace

void ConnectionQueue::opened(int fd, MonotonicTime now) {
  waiting_.push_back({fd, now + limits_.patience});
  make_room();
}

void ConnectionQueue::request_came(int fd) {
  // Unknown where it has been hung up on.
  if (forget(fd)) served_.push_back(fd);
}

void ConnectionQueue::answered(int fd, MonotonicTime now) {
  if (!forget(fd)) return;
  // Wakes the reader, who has not seen the end that came with the request: requests that are left are
  // answered.
  if (has_ended(fd)) (void)::shutdown(fd, SHUT_RD);
  waiting_.push_back({fd, now + limits_.patience});
}

void ConnectionQueue::closed(int fd) {
  (void)forget(fd);
}

void ConnectionQueue::hang_up_on_late(MonotonicTime now) {
  while (!waiting_.empty() && waiting_.front().until <= now) {
    hang_up(waiting_.front().fd);
    waiting_.pop_front();
  }
}

std::optional<MonotonicTime> ConnectionQueue::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().until;
}

// The newest is never the one to go.
void ConnectionQueue::make_room() {
  if (waiting_.size() + served_.size() <= limits_.connections) return;
  if (waiting_.size() > 1 || served_.empty()) {
    hang_up(waiting_.front().fd);
    waiting_.pop_front();
  } else {
    hang_up(served_.front());
    served_.pop_front();
  }
}

bool ConnectionQueue::forget(int fd) {
  const auto waits = std::find_if(waiting_.begin(), waiting_.end(),
                                  [fd](const Waiting& waiting) { return waiting.fd == fd; });
  if (waits != waiting_.end()) {
    waiting_.erase(waits);
    return true;
  }
  const auto served = std::find(served_.begin(), served_.end(), fd);
  if (served == served_.end()) return false;
  served_.erase(served);
  return true;
}

}  // namespace sockwatch
