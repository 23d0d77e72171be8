// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/holder_memory.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"
#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

class HolderMemoryTest : public testing::Test {
 protected:
  HolderMemoryTest() { add_process(proc_, {.pid = 77, .comm = "a", .sockets = {500}, .exe = "/bin/a"}); }

  HeldSocket held_by(std::int32_t pid, std::int32_t fd) const {
    ProcessesNow now;
    return {500, now.at(proc_.open(), pid).value(), fd};
  }
  std::size_t still_held() const {
    ProcessesNow now;
    return memory_.still_held(proc_.open(), socket_, now).size();
  }

  static SocketRecord socket() {
    SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
    record.inode = 500;
    return record;
  }

  FileTree proc_;
  const SocketRecord socket_ = socket();
  HolderMemory memory_;
};

TEST_F(HolderMemoryTest, who_still_has_the_descriptor_still_holds_the_socket) {
  EXPECT_EQ(still_held(), 0U) << "nothing is known yet";
  memory_.learn(socket_, {held_by(77, 3)});
  EXPECT_EQ(still_held(), 1U);
  proc_.remove("77/fd/3");
  proc_.link("77/fd/3", "socket:[501]");
  EXPECT_EQ(still_held(), 0U) << "its number is another socket's now";
}

TEST_F(HolderMemoryTest, how_many_were_left_out_is_known_as_long_as_the_others_are) {
  memory_.learn(socket_, {held_by(77, 3)}, {100, true});
  EXPECT_EQ(memory_.left_out(socket_), (HoldersLeftOut{100, true}));
  memory_.learn(socket_, {});
  EXPECT_EQ(memory_.left_out(socket_), HoldersLeftOut{});
}

TEST_F(HolderMemoryTest, keeps_no_more_of_a_socket_than_a_search_would) {
  std::vector<HeldSocket> crowd;
  for (std::int32_t pid = 100; pid < 200; ++pid) crowd.push_back({500, {{pid, 1}, "a", "/bin/a", 0}, 3});
  memory_.learn(socket_, crowd, {1, false});
  EXPECT_EQ(memory_.left_out(socket_), (HoldersLeftOut{69, false}));
}

TEST_F(HolderMemoryTest, a_descriptor_of_a_thread_is_asked_where_it_is) {
  HeldSocket held = held_by(77, 9);
  held.thread = 79;
  memory_.learn(socket_, {held});
  EXPECT_EQ(still_held(), 0U);
  proc_.link("77/task/79/fd/9", "socket:[500]");
  EXPECT_EQ(still_held(), 1U);
}

TEST_F(HolderMemoryTest, a_holder_without_descriptor_is_current_while_it_runs_and_cannot_be_asked) {
  memory_.learn(socket_, {held_by(77, -1)});
  ProcessesNow now;
  EXPECT_TRUE(memory_.is_current(proc_.open(), socket_, now));
  EXPECT_EQ(still_held(), 0U);
  std::vector<HeldSocket> counted;
  memory_.learn_more(socket_, counted);
  EXPECT_EQ(counted.size(), 1U) << "no census finds it, and it is not forgotten for that";
}

TEST_F(HolderMemoryTest, another_user_or_name_is_a_change_and_an_unreadable_program_is_none) {
  const Holder then = held_by(77, 3).holder;
  std::optional<Holder> now = then;
  EXPECT_TRUE(is_unchanged(then, now));
  now->exe.clear();
  EXPECT_TRUE(is_unchanged(then, now));
  now->exe = "/bin/b";
  EXPECT_FALSE(is_unchanged(then, now));
  now = then;
  ++now->uid;
  EXPECT_FALSE(is_unchanged(then, now));
  now = then;
  now->comm = "b";
  EXPECT_FALSE(is_unchanged(then, now));
  EXPECT_FALSE(is_unchanged(then, std::nullopt));
}

TEST_F(HolderMemoryTest, what_is_not_open_any_more_is_forgotten) {
  memory_.learn(socket_, {held_by(77, 3)});
  const std::vector<std::uint32_t> others{499, 501};
  memory_.keep_only(others);
  EXPECT_EQ(still_held(), 0U);
}

TEST_F(HolderMemoryTest, a_process_is_read_once_for_all_questions_of_a_moment) {
  ProcessesNow now;
  EXPECT_TRUE(now.at(proc_.open(), 77));
  proc_.remove("77");
  EXPECT_TRUE(now.at(proc_.open(), 77));
}

}  // namespace
}  // namespace sockwatch
