// SPDX-License-Identifier: Apache-2.0
#include "lib/web/connection_queue.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

struct Pair {
  UniqueFd server;
  UniqueFd client;

  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    server.reset(ends[0]);
    client.reset(ends[1]);
  }
  int fd() const { return server.get(); }
  bool hung_up() const {
    char byte = 0;
    return ::recv(client.get(), &byte, 1, 0) == 0;
  }
};

constexpr MonotonicTime kStart{1h};

TEST(ConnectionQueue, the_oldest_gives_way) {
  std::array<Pair, 3> pairs;
  ConnectionQueue queue({2, 10s});
  for (const Pair& pair : pairs) queue.opened(pair.fd(), kStart);
  EXPECT_TRUE(pairs[0].hung_up());
  EXPECT_FALSE(pairs[1].hung_up());
  EXPECT_FALSE(pairs[2].hung_up());
}

TEST(ConnectionQueue, who_is_being_answered_stays_while_others_only_wait) {
  std::array<Pair, 4> pairs;
  ConnectionQueue queue({3, 10s});
  queue.opened(pairs[0].fd(), kStart);
  queue.request_came(pairs[0].fd());
  for (std::size_t i = 1; i < pairs.size(); ++i) queue.opened(pairs[i].fd(), kStart);
  EXPECT_FALSE(pairs[0].hung_up());
  EXPECT_TRUE(pairs[1].hung_up());
}

TEST(ConnectionQueue, slow_readers_alone_do_not_keep_a_newcomer_out) {
  std::array<Pair, 3> pairs;
  ConnectionQueue queue({2, 10s});
  for (std::size_t i = 0; i < 2; ++i) {
    queue.opened(pairs[i].fd(), kStart);
    queue.request_came(pairs[i].fd());
  }
  queue.opened(pairs[2].fd(), kStart);
  EXPECT_TRUE(pairs[0].hung_up());
  EXPECT_FALSE(pairs[1].hung_up());
  EXPECT_FALSE(pairs[2].hung_up());
}

TEST(ConnectionQueue, who_left_takes_no_room) {
  std::array<Pair, 3> pairs;
  ConnectionQueue queue({2, 10s});
  queue.opened(pairs[0].fd(), kStart);
  queue.opened(pairs[1].fd(), kStart);
  queue.request_came(pairs[1].fd());
  queue.closed(pairs[1].fd());
  queue.opened(pairs[2].fd(), kStart);
  for (const Pair& pair : pairs) EXPECT_FALSE(pair.hung_up());
}

TEST(ConnectionQueue, one_told_to_leave_may_do_anything_afterwards) {
  std::array<Pair, 2> pairs;
  ConnectionQueue queue({1, 10s});
  queue.opened(pairs[0].fd(), kStart);
  queue.opened(pairs[1].fd(), kStart);
  queue.request_came(pairs[0].fd());
  queue.answered(pairs[0].fd(), kStart);
  queue.closed(pairs[0].fd());
  EXPECT_FALSE(pairs[1].hung_up());
  EXPECT_EQ(queue.next_due(), kStart + 10s);
}

TEST(ConnectionQueue, who_brings_no_whole_request_in_time_is_hung_up_on) {
  std::array<Pair, 3> pairs;
  ConnectionQueue queue({9, 10s});
  EXPECT_EQ(queue.next_due(), std::nullopt);
  for (const Pair& pair : pairs) queue.opened(pair.fd(), kStart);
  queue.request_came(pairs[1].fd());
  queue.request_came(pairs[2].fd());
  queue.answered(pairs[2].fd(), kStart + 5s);
  EXPECT_EQ(queue.next_due(), kStart + 10s);

  queue.hang_up_on_late(kStart + 9s);
  EXPECT_FALSE(pairs[0].hung_up());
  queue.hang_up_on_late(kStart + 10s);
  EXPECT_TRUE(pairs[0].hung_up());
  EXPECT_FALSE(pairs[1].hung_up()) << "is being answered";
  EXPECT_FALSE(pairs[2].hung_up()) << "begins anew after each answer";
  EXPECT_EQ(queue.next_due(), kStart + 15s);
}

}  // namespace
}  // namespace sockwatch
