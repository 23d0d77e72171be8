// SPDX-License-Identifier: Apache-2.0
// The ways of searching everywhere: the quick one first, /proc for the rest, and what neither finds.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "lib/annotate/owner.h"
#include "tests/fakes/fake_socket_searcher.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

SocketRecord held_by(std::uint32_t inode) {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 8080, inode);
  record.inode = inode;
  record.uid = 33;
  return record;
}

class OwnerSearch : public testing::Test {
 protected:
  OwnerSearch() {
    add_process(proc_, {.pid = 1, .comm = "systemd"});
    add_process(proc_, {.pid = 20, .comm = "seen", .sockets = {500}});
    owners_.use(std::make_unique<FakeSearcher>(knowledge_));
  }
  Owner ask(std::uint32_t inode) {
    const SocketRecord socket = held_by(inode);
    const OwnerQuery query{std::span(&socket, 1)};
    return owners_.resolve(std::span(&query, 1)).at(0);
  }

  FileTree proc_;
  FileTree etc_{"passwd = root:x:0:0::/:"};
  FakeSearcher::Knowledge knowledge_;
  OwnerResolver owners_{proc_.open(), std::nullopt, UserNames(etc_.open())};
};

TEST_F(OwnerSearch, what_the_quick_way_finds_needs_no_walk) {
  knowledge_.held = {{600, {{30, 7}, "hidden", "hidden", 0}}};
  const Owner owner = ask(600);
  EXPECT_EQ(owner.state, OwnerState::Known);
  ASSERT_EQ(owner.holders.size(), 1U);
  EXPECT_EQ(owner.holders[0].id, (ProcessId{30, 7}));
}

TEST_F(OwnerSearch, the_quick_ways_short_name_becomes_the_whole_path_where_it_can_be_read) {
  add_process(proc_, {.pid = 30, .comm = "server", .start_ticks = 7, .exe = "/usr/sbin/server"});
  knowledge_.held = {{600, {{30, 7}, "server", "server", 0}}};
  EXPECT_EQ(ask(600).holders.at(0).exe, "/usr/sbin/server");
}

TEST_F(OwnerSearch, who_ended_before_his_path_could_be_read_is_not_believed_to_hold_it) {
  knowledge_.held = {{600, {{30, 7}, "server", "server", 0}}};
  knowledge_.ends_after_one_search = true;
  EXPECT_TRUE(ask(600).holders.empty());
}

TEST_F(OwnerSearch, the_rest_is_looked_for_in_proc) {
  const Owner owner = ask(500);
  EXPECT_EQ(knowledge_.asked, std::set<std::uint32_t>{500});
  ASSERT_EQ(owner.holders.size(), 1U);
  EXPECT_EQ(owner.holders[0].comm, "seen");
}

TEST_F(OwnerSearch, without_the_quick_way_proc_does) {
  knowledge_.fails = true;
  EXPECT_EQ(ask(500).holders.at(0).comm, "seen");
}

TEST_F(OwnerSearch, more_than_the_quick_way_takes_at_once_comes_in_turns) {
  knowledge_.capacity = 1;
  knowledge_.held = {{600, {{30, 7}, "a", "a", 0}}, {601, {{31, 7}, "a", "a", 0}}};
  const std::vector<SocketRecord> sockets{held_by(600), held_by(601)};
  const OwnerQuery query{sockets};
  const Owner owner = owners_.resolve(std::span(&query, 1)).at(0);
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(owner.holders.size(), 2U);
}

TEST_F(OwnerSearch, members_that_no_single_call_finds_are_all_known_in_the_end) {
  for (std::int32_t pid = 100; pid < 150; ++pid) add_process(proc_, {.pid = pid, .sockets = {1, 2, 3}});
  OwnerResolver slow(proc_.open(), std::nullopt, UserNames(etc_.open()), 100);
  knowledge_.cost = 150;  // more than a call may take
  knowledge_.held = {{600, {{30, 7}, "a", "a", 0}}};
  slow.use(std::make_unique<FakeSearcher>(knowledge_));
  const std::vector<SocketRecord> sockets{held_by(600), held_by(700)};  // nobody holds the second
  const OwnerQuery query{sockets};
  Owner owner;
  for (int calls = 0; owner.state != OwnerState::Known; owner = slow.resolve(std::span(&query, 1)).at(0))
    ASSERT_LT(++calls, 100);
  EXPECT_EQ(owner.holders.size(), 1U);
}

TEST_F(OwnerSearch, nobodys_socket_is_unexplained_unless_that_very_socket_is_on_its_way) {
  EXPECT_EQ(ask(700).state, OwnerState::Unexplained);
  knowledge_.in_flight = {701};
  EXPECT_EQ(ask(700).state, OwnerState::Unexplained) << "another one is";
  EXPECT_EQ(ask(701).state, OwnerState::InFlight);
}

}  // namespace
}  // namespace sockwatch
