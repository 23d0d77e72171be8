// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/backlog.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

constexpr std::size_t kAtOnce = 4;

class BacklogTest : public testing::Test {
 protected:
  void open(std::uint16_t port, std::uint32_t uid, std::string_view address = "0.0.0.0") {
    SocketRecord record = listening(Protocol::Tcp, address, port, ++cookies_);
    record.uid = uid;
    record.id.name_space = name_space_;
    shown_.listeners.push_back(record);
    std::sort(shown_.listeners.begin(), shown_.listeners.end(),
              [](const auto& a, const auto& b) { return key_fields(a) < key_fields(b); });
  }

  void open_crowd(std::uint16_t first, std::uint16_t count, std::uint32_t uid) {
    for (std::uint16_t i = 0; i < count; ++i) open(static_cast<std::uint16_t>(first + i), uid);
  }

  // The ports that this poll takes in, which are known from then on.
  std::vector<std::uint32_t> poll() {
    std::vector<Newcomer> newcomers;
    for (const SocketRecord& record : shown_.listeners) newcomers.push_back({{&record, 1}, nullptr});
    std::vector<DeferredListener> deferred;
    const std::vector<Newcomer> taken = backlog_.choose(newcomers, kAtOnce, deferred);
    std::vector<std::uint32_t> ports;
    for (const Newcomer& each : taken) ports.push_back(each.sockets.front().local.port);
    EXPECT_EQ(taken.size() + deferred.size(), newcomers.size());
    backlog_.commit(deferred, shown_);
    std::erase_if(shown_.listeners, [&ports](const SocketRecord& record) {
      return std::count(ports.begin(), ports.end(), record.local.port) > 0;
    });
    return ports;
  }

  bool poll_takes(std::uint32_t port) {
    const auto ports = poll();
    return std::count(ports.begin(), ports.end(), port) > 0;
  }

  Backlog backlog_;
  Snapshot shown_;
  NamespaceId name_space_{};
  std::uint64_t cookies_ = 0;
};

TEST_F(BacklogTest, few_are_all_taken_in) {
  open_crowd(1, kAtOnce, 1000);
  EXPECT_EQ(poll().size(), kAtOnce);
  EXPECT_EQ(backlog_.size(), 0U);
}

TEST_F(BacklogTest, of_many_each_poll_takes_its_part_and_nothing_is_forgotten) {
  open_crowd(1, 3 * kAtOnce + 1, 1000);
  for (std::size_t rest = 2 * kAtOnce + 1; rest > kAtOnce; rest -= kAtOnce) {
    EXPECT_EQ(poll().size(), kAtOnce);
    EXPECT_EQ(backlog_.size(), rest);
  }
  EXPECT_EQ(poll().size(), kAtOnce);
  EXPECT_EQ(poll().size(), 1U);
  EXPECT_EQ(backlog_.size(), 0U);
}

TEST_F(BacklogTest, no_users_crowd_delays_the_first_of_another) {
  open_crowd(1, 1000, 1000);
  open(5000, 1001);
  EXPECT_TRUE(poll_takes(5000));
}

// Whoever may map a range of users in a user namespace is all of them.
TEST_F(BacklogTest, no_crowd_of_subordinate_users_delays_the_first_of_another) {
  for (std::uint16_t i = 0; i < 1000; ++i) open(static_cast<std::uint16_t>(i + 1), 165'536U + i);
  open(5000, 1001);
  EXPECT_TRUE(poll_takes(5000));
}

// A domain's users have such numbers, too.
TEST_F(BacklogTest, users_of_one_range_take_turns_in_it) {
  open_crowd(1, 1000, 1'234'500'001);
  open_crowd(2000, 1000, 1'234'500'002);
  const auto ports = poll();
  EXPECT_EQ(std::count_if(ports.begin(), ports.end(), [](auto port) { return port >= 2000; }), 2);
}

TEST_F(BacklogTest, a_users_crowd_delays_nothing_of_his_own_that_is_unlike_it) {
  for (std::uint16_t i = 1; i <= 1000; ++i) open(i, 1000, "127.0.0.1");
  open(5000, 1000, "192.0.2.1");
  EXPECT_TRUE(poll_takes(5000));
}

TEST_F(BacklogTest, whoever_goes_on_hides_nothing_behind_it) {
  open(60'000, 1000);
  int polls = 0;
  // What comes is always earlier in the order of keys.
  do {
    open_crowd(static_cast<std::uint16_t>(1 + 10 * polls), 10, 1000);
    ASSERT_LT(++polls, 10);
  } while (!poll_takes(60'000));
  EXPECT_GT(polls, 1);
}

TEST_F(BacklogTest, an_endpoint_waits_from_its_first_socket_whatever_follows_there) {
  int polls = 0;
  do {
    std::erase_if(shown_.listeners, [](const SocketRecord& record) { return record.local.port == 60'000; });
    open(60'000, 1000);
    open_crowd(static_cast<std::uint16_t>(1 + 10 * polls), 10, 1000);
    ASSERT_LT(++polls, 10);
  } while (!poll_takes(60'000));
}

TEST_F(BacklogTest, a_poll_that_proves_nothing_keeps_what_waits) {
  open_crowd(1, 10, 1000);
  poll();
  shown_.listeners.clear();
  poll();
  EXPECT_EQ(backlog_.size(), 6U);
  shown_.complete.fill(true);
  poll();
  EXPECT_EQ(backlog_.size(), 0U);
}

TEST_F(BacklogTest, tells_who_has_most_and_where_the_next_are) {
  open_crowd(1, 2, 1001);
  name_space_ = NamespaceId{7};
  open_crowd(1, 100, 1000);
  poll();
  EXPECT_EQ(backlog_.most().first, 1000U);
  EXPECT_EQ(backlog_.most().second, 98U);
  EXPECT_EQ(backlog_.namespaces(), std::set<NamespaceId>{NamespaceId{7}});
}

TEST_F(BacklogTest, sockets_of_one_listener_are_taken_together_and_count_one_by_one) {
  std::vector<SocketRecord> group;
  for (std::uint64_t cookie = 1; cookie <= 10; ++cookie)
    group.push_back(listening(Protocol::Tcp, "0.0.0.0", 80, cookie));
  const SocketRecord other = listening(Protocol::Tcp, "0.0.0.0", 81, 11);
  std::vector<DeferredListener> deferred;
  const auto taken = backlog_.choose({{group, nullptr}, {{&other, 1}, nullptr}}, kAtOnce, deferred);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].sockets.size(), 10U);
  ASSERT_EQ(deferred.size(), 1U);
  EXPECT_EQ(deferred[0].key.local.port, 81U);
}

}  // namespace
}  // namespace sockwatch
