// SPDX-License-Identifier: Apache-2.0
// What becomes of an owner that was found, and how it is noticed.
#include <gtest/gtest.h>

#include "lib/annotate/owner.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

using Pids = std::vector<std::int32_t>;

class ChangedOwner : public testing::Test {
 protected:
  ChangedOwner() {
    add_process(proc, {.pid = 1, .comm = "systemd"});
    add_process(proc, {.pid = 77, .comm = "a", .sockets = {500}, .exe = "/bin/a"});
    EXPECT_EQ(ask(one, members), Pids{77});
    EXPECT_TRUE(is_current());
  }
  bool is_current() const {
    ProcessesNow now;
    return one.is_current(members, now);
  }
  static Pids ask(OwnerResolver& resolver, const std::vector<SocketRecord>& sockets) {
    Pids all;
    for (const Holder& holder : resolve(resolver, sockets).holders) all.push_back(holder.id.pid);
    return all;
  }
  static Owner resolve(OwnerResolver& resolver, const std::vector<SocketRecord>& sockets) {
    const OwnerQuery query{sockets};
    return resolver.resolve(std::span(&query, 1)).at(0);
  }
  static SocketRecord socket() {
    SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 8080, 1);
    record.inode = 500;
    return record;
  }

  FileTree proc;
  FileTree etc{"passwd = root:x:0:0::/:"};
  const std::vector<SocketRecord> members{socket()};
  OwnerResolver one{proc.open(), std::nullopt, UserNames(etc.open())};
};

TEST_F(ChangedOwner, is_noticed_by_another_program) {
  proc.remove("77/exe");
  proc.link("77/exe", "/bin/evil");
  EXPECT_FALSE(is_current());
  EXPECT_EQ(resolve(one, members).holders.at(0).exe, "/bin/evil");
  EXPECT_TRUE(is_current());
}

TEST_F(ChangedOwner, is_noticed_by_a_socket_that_was_closed) {
  proc.remove("77/fd/3");
  EXPECT_FALSE(is_current());
  add_process(proc, {.pid = 78, .comm = "heir", .sockets = {500}});
  EXPECT_EQ(ask(one, members), Pids{78});
}

TEST_F(ChangedOwner, is_noticed_by_another_process_with_its_pid) {
  proc.write("77/stat", stat_line(77, "a", 2000));
  EXPECT_FALSE(is_current());
}

TEST_F(ChangedOwner, is_none_where_another_socket_has_its_inode) {
  SocketRecord another = members[0];
  another.id.cookie += 1;
  proc.remove("77");
  ProcessesNow now;
  EXPECT_TRUE(one.is_current(std::span(&another, 1), now)) << "nothing is known of that one";
}

TEST_F(ChangedOwner, a_census_finds_who_was_given_the_socket_later) {
  const auto census = [&] {
    one.begin_census({members.begin(), members.end()});
    std::optional<std::vector<std::uint32_t>> changed;
    for (int calls = 0; !changed && calls < 1000; ++calls) changed = one.go_on_with_census(10);
    return changed.value();
  };
  EXPECT_TRUE(census().empty());
  add_process(proc, {.pid = 78, .comm = "child", .sockets = {500}, .start_ticks = 2000});
  EXPECT_EQ(census(), std::vector<std::uint32_t>{500});
  EXPECT_EQ(ask(one, members), (Pids{77, 78}));
  EXPECT_EQ(ask(one, members), (Pids{77, 78})) << "and is remembered";
  EXPECT_TRUE(census().empty());
}

}  // namespace
}  // namespace sockwatch
