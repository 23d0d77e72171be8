// SPDX-License-Identifier: Apache-2.0
// What an event's word about who opened a socket adds to the search for its owner.
#include <gtest/gtest.h>

#include "lib/annotate/owner.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

using Pids = std::vector<std::int32_t>;

class OwnerOpenerTest : public testing::Test {
 protected:
  OwnerOpenerTest() {
    etc_.write("passwd", "root:x:0:0::/:\nmax:x:1000:1000::/:\n");
    add_process(proc_, {.pid = 1, .comm = "systemd"});
  }

  OwnerResolver resolver() const { return {proc_.open(), std::nullopt, UserNames(etc_.open())}; }

  Owner ask(const std::vector<SocketRecord>& members, const Holder& opener) const {
    const OwnerQuery query{members, &opener};
    OwnerResolver fresh = resolver();
    return fresh.resolve(std::span(&query, 1)).at(0);
  }

  FileTree proc_;
  FileTree etc_;
  const Holder opener_{{77, 1000}, "nc", "nc.openbsd", 1000};
  const Holder named_{{77, 1000}, "nc", "nc.openbsd", 1000, "max"};
  const SocketRecord socket_ = listening(Protocol::Tcp, "0.0.0.0", 4444, 500);
};

Pids pids(const Owner& owner) {
  Pids all;
  for (const Holder& holder : owner.holders) all.push_back(holder.id.pid);
  return all;
}

TEST_F(OwnerOpenerTest, who_opened_it_and_still_has_it_holds_it_without_a_search) {
  add_process(proc_, {.pid = 77, .comm = "nc", .sockets = {socket_.inode}, .exe = "/usr/bin/nc.openbsd"});
  add_process(proc_, {.pid = 78, .sockets = {socket_.inode}});  // a search would find this one
  const Owner owner = ask({socket_}, opener_);
  EXPECT_EQ(owner.state, OwnerState::Known);
  EXPECT_EQ(pids(owner), Pids{77});
  EXPECT_EQ(owner.holders[0].exe, "/usr/bin/nc.openbsd") << "asked anew, so with its whole path";
}

TEST_F(OwnerOpenerTest, who_opened_many_is_asked_once_for_all_of_them) {
  std::vector<SocketRecord> sockets;
  std::vector<std::uint32_t> inodes;
  for (std::uint16_t i = 0; i < 30; ++i) {
    sockets.push_back(listening(Protocol::Tcp, "0.0.0.0", static_cast<std::uint16_t>(4000 + i), 600U + i));
    inodes.push_back(sockets.back().inode);
  }
  add_process(proc_, {.pid = 77, .comm = "nc", .sockets = inodes, .exe = "/usr/bin/nc.openbsd"});
  std::vector<OwnerQuery> queries;
  for (const SocketRecord& socket : sockets) queries.push_back({std::span(&socket, 1), &opener_});
  OwnerResolver frugal(proc_.open(), std::nullopt, UserNames(etc_.open()), 200);
  for (const Owner& owner : frugal.resolve(queries)) EXPECT_EQ(pids(owner), Pids{77});
}

TEST_F(OwnerOpenerTest, who_opened_it_and_passed_it_on_gives_way_to_who_has_it) {
  add_process(proc_, {.pid = 77, .comm = "nc", .exe = "/usr/bin/nc.openbsd"});
  add_process(proc_, {.pid = 78, .sockets = {socket_.inode}});
  const Owner owner = ask({socket_}, opener_);
  EXPECT_EQ(pids(owner), Pids{78});
  EXPECT_EQ(owner.opener, named_);
}

TEST_F(OwnerOpenerTest, who_opened_it_and_is_gone_is_remembered_and_holds_nothing) {
  const Owner owner = ask({socket_}, opener_);
  EXPECT_EQ(owner.state, OwnerState::Unexplained);
  EXPECT_TRUE(owner.holders.empty());
  EXPECT_EQ(owner.opener, named_);
}

TEST_F(OwnerOpenerTest, who_opened_it_and_is_gone_gives_way_to_who_holds_it) {
  add_process(proc_, {.pid = 78, .sockets = {socket_.inode}});
  EXPECT_EQ(pids(ask({socket_}, opener_)), Pids{78});
}

TEST_F(OwnerOpenerTest, another_process_under_his_pid_is_not_he) {
  add_process(proc_, {.pid = 77, .comm = "stranger", .start_ticks = 2000});
  EXPECT_TRUE(ask({socket_}, opener_).holders.empty());
}

TEST_F(OwnerOpenerTest, of_a_group_he_opened_the_last_socket_and_no_other) {
  const SocketRecord older = listening(Protocol::Tcp, "0.0.0.0", 4444, 400);
  add_process(proc_, {.pid = 77, .comm = "nc", .sockets = {socket_.inode}});
  add_process(proc_, {.pid = 60, .comm = "nginx", .sockets = {older.inode}});
  EXPECT_EQ(pids(ask({older, socket_}, opener_)), (Pids{77, 60}));
}

TEST_F(OwnerOpenerTest, a_socket_that_is_gone_is_looked_for_nowhere) {
  SocketRecord gone = socket_;
  gone.inode = 0;
  add_process(proc_, {.pid = 77, .comm = "renamed"});
  EXPECT_EQ(ask({gone}, opener_).holders, std::vector<Holder>{named_}) << "as the event told it";
}

TEST_F(OwnerOpenerTest, recognising_adds_the_whole_path_and_nothing_else) {
  add_process(proc_, {.pid = 77, .comm = "renamed", .exe = "/usr/bin/nc.openbsd"});
  Holder caller = opener_;
  EXPECT_TRUE(resolver().recognise(caller, true));
  EXPECT_EQ(caller, (Holder{{77, 1000}, "nc", "/usr/bin/nc.openbsd", 1000})) << "its name was another then";
}

TEST_F(OwnerOpenerTest, recognising_leaves_one_that_is_gone_or_another_as_the_event_told_him) {
  Holder caller = opener_;
  EXPECT_TRUE(resolver().recognise(caller, true));
  EXPECT_EQ(caller, opener_);
  add_process(proc_, {.pid = 77, .comm = "stranger", .start_ticks = 2000});
  EXPECT_TRUE(resolver().recognise(caller, true));
  EXPECT_EQ(caller, opener_);
}

TEST_F(OwnerOpenerTest, an_exe_that_may_not_be_read_stays_as_the_event_told_it) {
  add_process(proc_, {.pid = 77, .comm = "nc"});
  proc_.remove("77/exe");
  Holder caller = opener_;
  EXPECT_TRUE(resolver().recognise(caller, true));
  EXPECT_EQ(caller, opener_);
}

TEST_F(OwnerOpenerTest, of_a_bare_pid_everything_is_asked) {
  add_process(proc_, {.pid = 77, .comm = "nc", .start_ticks = 9, .exe = "/usr/bin/nc"});
  Holder caller{{77, 0}, "", "", 0};
  EXPECT_TRUE(resolver().recognise(caller, false));
  EXPECT_EQ(caller.id.start_ticks, 9U);
  EXPECT_EQ(caller.comm, "nc");
  EXPECT_EQ(caller.exe, "/usr/bin/nc");
}

TEST_F(OwnerOpenerTest, whose_namespace_is_another_is_none_of_ours) {
  add_process(proc_, {.pid = 77, .comm = "nc"});
  proc_.link("self/ns/net", "net:[2]");
  Holder caller{{77, 0}, "", "", 0};
  EXPECT_TRUE(resolver().recognise(caller, false)) << "it could not be read";
  proc_.link("77/ns/net", "net:[1]");
  caller.id.start_ticks = 0;
  EXPECT_FALSE(resolver().recognise(caller, false));
  EXPECT_TRUE(resolver().recognise(caller, true)) << "the event said that it is ours";
}

TEST_F(OwnerOpenerTest, whose_namespace_is_ours_is_ours) {
  add_process(proc_, {.pid = 77, .comm = "nc"});
  proc_.link("77/ns/net", "net:[2]");
  proc_.link("self/ns/net", "net:[2]");
  Holder caller{{77, 0}, "", "", 0};
  EXPECT_TRUE(resolver().recognise(caller, false));
}

}  // namespace
}  // namespace sockwatch
