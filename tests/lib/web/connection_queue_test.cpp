// SPDX-License-Identifier: Apache-2.0
#include "lib/web/connection_queue.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

struct Pair {
  UniqueFd server;
  UniqueFd client;

  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    server.reset(ends[0]);
    client.reset(ends[1]);
  }
  bool hung_up() const {
    char byte = 0;
    return ::recv(client.get(), &byte, 1, 0) == 0;
  }
};

TEST(ConnectionQueue, the_oldest_gives_way) {
  std::array<Pair, 3> pairs;
  ConnectionQueue queue(2);
  for (const Pair& pair : pairs) queue.opened(pair.server.get());
  EXPECT_TRUE(pairs[0].hung_up());
  EXPECT_FALSE(pairs[1].hung_up());
  EXPECT_FALSE(pairs[2].hung_up());
}

TEST(ConnectionQueue, who_left_takes_no_room) {
  std::array<Pair, 3> pairs;
  ConnectionQueue queue(2);
  queue.opened(pairs[0].server.get());
  queue.opened(pairs[1].server.get());
  queue.closed(pairs[1].server.get());
  queue.opened(pairs[2].server.get());
  for (const Pair& pair : pairs) EXPECT_FALSE(pair.hung_up());
}

TEST(ConnectionQueue, one_told_to_leave_may_be_closed_afterwards) {
  std::array<Pair, 2> pairs;
  ConnectionQueue queue(1);
  queue.opened(pairs[0].server.get());
  queue.opened(pairs[1].server.get());
  queue.closed(pairs[0].server.get());
  EXPECT_FALSE(pairs[1].hung_up());
}

}  // namespace
}  // namespace sockwatch
