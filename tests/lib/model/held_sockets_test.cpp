// SPDX-License-Identifier: Apache-2.0
#include "lib/model/held_sockets.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

HeldSocket held(std::int32_t pid, std::string exe = "/bin/a", std::uint32_t uid = 1000) {
  return {500, {{pid, 7}, "a", std::move(exe), uid}, 3};
}

std::vector<std::int32_t> pids_of(const HeldSockets& sockets) {
  std::vector<std::int32_t> pids;
  for (const HeldSocket& each : sockets.kept()) pids.push_back(each.holder.id.pid);
  return pids;
}

TEST(HeldSockets, a_process_holds_a_socket_once_and_each_socket_by_itself) {
  HeldSockets sockets(2);
  for (const std::uint32_t inode : {500U, 501U, 500U}) {
    HeldSocket one = held(10);
    one.inode = inode;
    sockets.add(one);
  }
  EXPECT_EQ(pids_of(sockets), (std::vector<std::int32_t>{10, 10}));
  EXPECT_EQ(sockets.left_out(500), HoldersLeftOut{});
  EXPECT_EQ(sockets.left_out(7), HoldersLeftOut{});
}

TEST(HeldSockets, very_many_of_one_kind_hide_nobody_who_differs) {
  HeldSockets sockets(1);
  for (std::int32_t pid = 1; pid <= 4000; ++pid) sockets.add(held(pid));
  sockets.add(held(5000, "/bin/other"));
  sockets.add(held(5001, "/bin/a", 0));
  HeldSocket namesake = held(5002);
  namesake.program = 77;
  sockets.add(namesake);
  const std::vector<std::int32_t> pids = pids_of(sockets);
  ASSERT_EQ(pids.size(), 35U);
  EXPECT_EQ(pids.front(), 1);
  EXPECT_EQ(std::vector(pids.end() - 3, pids.end()), (std::vector<std::int32_t>{5000, 5001, 5002}));
  EXPECT_EQ(sockets.left_out(500), (HoldersLeftOut{3968, false}));
}

TEST(HeldSockets, of_more_kinds_than_there_is_room_for_that_is_known) {
  HeldSockets sockets(1'000'000);
  for (std::int32_t pid = 1; pid <= 4; ++pid) sockets.add(held(pid, "/bin/" + std::to_string(pid)));
  EXPECT_EQ(sockets.left_out(500), HoldersLeftOut{});
  sockets.add(held(5, "/bin/5"));
  EXPECT_EQ(sockets.left_out(500), (HoldersLeftOut{1, true}));
  EXPECT_EQ(sockets.kept().size(), 4U);
}

TEST(HeldSockets, fewer_of_each_are_kept_the_more_sockets_there_are) {
  EXPECT_EQ(most_holders(0), 64U);
  EXPECT_EQ(most_holders(1024), 64U);
  EXPECT_EQ(most_holders(4096), 16U);
  EXPECT_EQ(most_holders(1'000'000), 4U);
}

TEST(KeepMost, keeps_the_order_and_whoever_differs) {
  std::vector<Holder> holders;
  for (std::int32_t pid = 1; pid <= 10; ++pid) holders.push_back(held(pid).holder);
  holders.push_back(held(1, "/lib/systemd", 0).holder);
  EXPECT_EQ(keep_most(holders, 8), (HoldersLeftOut{6, false}));
  ASSERT_EQ(holders.size(), 5U);
  EXPECT_EQ(holders.front().id.pid, 1);
  EXPECT_EQ(holders.back().exe, "/lib/systemd");
}

}  // namespace
}  // namespace sockwatch
