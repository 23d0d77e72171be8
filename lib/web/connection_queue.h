// SPDX-License-Identifier: Apache-2.0
// The connections a server holds, so that nobody can take it for himself: whoever has not brought a whole
// request in time is hung up on, however slowly he goes on sending; and a full server makes room, first among
// those that only wait, the oldest first. Whoever opens many and says nothing loses his own, and a scrape
// still gets in at once.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "lib/base/clock.h"

namespace sockwatch {

// One thread. Descriptors are not owned; hanging up is shutdown(2): the owner then sees the end and closes.
class ConnectionQueue {
 public:
  struct Limits {
    std::size_t connections = 256;
    Duration patience = std::chrono::seconds(10);  // from the opening, or the last answer, to a whole request
  };
  explicit ConnectionQueue(Limits limits) : limits_(limits) {}

  void opened(int fd, MonotonicTime now);
  void request_came(int fd);
  // Where the client has said that it asks no more, its connection is closed after what is left to answer.
  void answered(int fd, MonotonicTime now);
  void closed(int fd);

  void hang_up_on_late(MonotonicTime now);
  // When to call that; absent while nobody waits.
  std::optional<MonotonicTime> next_due() const;

 private:
  struct Waiting {
    int fd;
    MonotonicTime until;
  };
  void make_room();
  bool forget(int fd);

  Limits limits_;
  std::deque<Waiting> waiting_;  // for a request, the oldest first
  std::deque<int> served_;       // being answered, the oldest first
};

}  // namespace sockwatch
