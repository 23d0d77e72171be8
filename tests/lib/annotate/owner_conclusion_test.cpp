// SPDX-License-Identifier: Apache-2.0
// What follows from facts alone; how they are found is in owner_test.cpp.
#include "lib/annotate/owner_conclusion.h"

#include <gtest/gtest.h>

#include "tests/fakes/file_tree.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

class OwnerConclusion : public testing::Test {
 protected:
  Owner conclude(const std::vector<SocketRecord>& members, const Holder* opener = nullptr,
                 const Owner* before = nullptr) const {
    const std::vector<CgroupTree::Lookup> cgroups(members.size());
    return conclude_owner(
        {members, opener, before},
        {findings_, cgroups, users_, true, {}, [](const Holder&) { return std::string(); }});
  }
  static Holder holder(std::int32_t pid, std::uint64_t start, std::string exe) {
    return {{pid, start}, exe.substr(exe.rfind('/') + 1), exe, 0};
  }
  void held(std::uint32_t inode, const Holder& by) { findings_[inode].held.push_back({inode, by}); }

  FileTree etc_{"passwd = root:x:0:0::/:"};
  UserNames users_{etc_.open()};
  HolderFindings findings_;
  const SocketRecord socket_ = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
};

TEST_F(OwnerConclusion, the_first_is_who_was_known_then_who_opened_it_then_the_eldest_and_systemd_last) {
  const Holder systemd = holder(1, 1, "/lib/systemd");
  const Holder elder = holder(10, 100, "/bin/elder");
  const Holder opener = holder(30, 300, "/bin/opener");
  const Holder known = holder(20, 400, "/bin/known");
  for (const Holder& each : {systemd, elder, opener, known}) held(socket_.inode, each);
  Owner before;
  before.holders = {known};
  std::vector<std::int32_t> order;
  for (const Holder& each : conclude({socket_}, &opener, &before).holders) order.push_back(each.id.pid);
  EXPECT_EQ(order, (std::vector<std::int32_t>{20, 30, 10, 1}));
}

TEST_F(OwnerConclusion, a_crowd_of_holders_is_counted_and_whoever_differs_is_kept) {
  for (std::int32_t pid = 100; pid < 200; ++pid) held(socket_.inode, holder(pid, 5, "/bin/a"));
  held(socket_.inode, holder(200, 6, "/bin/b"));
  findings_[socket_.inode].left_out = {1000, false};
  const Owner owner = conclude({socket_});
  ASSERT_EQ(owner.holders.size(), 33U);
  EXPECT_EQ(owner.holders.back().exe, "/bin/b");
  EXPECT_EQ(owner.left_out, (HoldersLeftOut{1068, false}));
}

TEST_F(OwnerConclusion, what_is_not_found_out_yet_is_put_off) {
  EXPECT_EQ(conclude({socket_}).state, OwnerState::Budget);
  (void)findings_[socket_.inode];
  EXPECT_EQ(conclude({socket_}).state, OwnerState::Unexplained);
}

TEST_F(OwnerConclusion, the_creator_is_told_beside_the_holder) {
  held(socket_.inode, holder(10, 100, "/bin/a"));
  const Owner owner = conclude({socket_});
  EXPECT_EQ(owner.user, "0");
  EXPECT_EQ(owner.creator_uid, 1000U);
  EXPECT_EQ(owner.creator_user, "1000");
}

TEST_F(OwnerConclusion, members_of_one_program_are_one_owner_and_another_s_is_another) {
  SocketRecord second = socket_;
  second.inode = 7;
  SocketRecord third = socket_;
  third.inode = 8;
  held(socket_.inode, holder(10, 100, "/bin/a"));
  held(second.inode, holder(11, 100, "/bin/a"));
  held(third.inode, holder(12, 100, "/bin/b"));
  const Owner owner = conclude({socket_, second, third});
  EXPECT_EQ(owner.holders.size(), 2U);
  ASSERT_EQ(owner.others.size(), 1U);
  EXPECT_EQ(owner.others[0].holders.at(0).exe, "/bin/b");
}

}  // namespace
}  // namespace sockwatch
