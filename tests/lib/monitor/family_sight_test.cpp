// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/family_sight.h"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

constexpr std::string_view kProtocols =
    "protocol  size sockets  memory press maxhdr  slab module\n"
    "AF_VSOCK  1240      0      -1   NI       0   yes  vsock\n"
    "PACKET    1600      0      -1   NI       0   no   kernel\n"
    "UNIX-STREAM 1152    2      -1   NI       0   yes  kernel\n"
    "UNIX      1152      0      -1   NI       0   yes  kernel\n"
    "UDP-Lite  1344      0       0   NI       0   yes  kernel\n"
    "MPTCP     1936      0     258   no       0   yes  kernel\n"
    "RAW       1152      0      -1   NI       0   yes  kernel\n";

class FamilySights : public ::testing::Test {
 protected:
  FamilySights() {
    tree_.write("proc/net/protocols", std::string(kProtocols));
    const auto all = all_of<Protocol>();
    wanted_.assign(all.begin(), all.end());
  }
  Sight how(Protocol protocol) { return look().how[static_cast<std::size_t>(protocol)]; }
  FamilySight look() { return look_at_families(wanted_, tree_.path() + "/proc", tree_.path() + "/modules"); }

  using Names = std::vector<std::string>;
  static Names names(const std::vector<Unseen>& parts) {
    Names all;
    for (const Unseen& part : parts) all.push_back(part.what);
    return all;
  }

  FileTree tree_;
  std::vector<Protocol> wanted_;
};

TEST_F(FamilySights, a_kernel_without_modules_may_be_asked_for_all_it_has) {
  EXPECT_EQ(how(Protocol::Tcp), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Unix), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Vsock), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Mptcp), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Sctp), Sight::Absent);
  EXPECT_TRUE(look().unreadable.empty());
}

TEST_F(FamilySights, a_question_that_would_load_a_module_is_not_asked) {
  tree_.write("proc/modules", "unix_diag 16384 0 - Live 0x0\nvsock 53248 0 - Live 0x0\n");
  EXPECT_EQ(how(Protocol::Unix), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Tcp), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Packet), Sight::ProcNet);
  EXPECT_EQ(how(Protocol::Raw), Sight::ProcNet);
  EXPECT_EQ(how(Protocol::Vsock), Sight::Unreadable);
  const auto unreadable = look().unreadable;
  ASSERT_EQ(unreadable.size(), 1U);
  EXPECT_EQ(unreadable[0].what, "vsock sockets");
  EXPECT_EQ(unreadable[0].why,
            "the module vsock_diag is not loaded, and sockwatch loads none: modprobe vsock_diag");
}

TEST_F(FamilySights, what_is_not_told_of_sockets_is_a_gap_only_where_there_are_such_sockets) {
  tree_.write("proc/modules", "vsock_diag 16384 0 - Live 0x0\n");
  const FamilySight sight = look();
  EXPECT_EQ(how(Protocol::Mptcp), Sight::Unreadable);
  EXPECT_EQ(how(Protocol::Packet), Sight::ProcNet);
  EXPECT_EQ(names(sight.gaps([](Protocol) { return false; })), Names{});
  EXPECT_EQ(names(sight.gaps([](Protocol protocol) { return protocol == Protocol::Packet; })),
            Names{"promiscuous packet sockets"});
  EXPECT_EQ(names(sight.gaps([](Protocol) { return true; })),
            (Names{"mptcp sockets", "promiscuous packet sockets"}));
}

TEST_F(FamilySights, a_family_whose_module_is_not_there_has_no_sockets_and_hides_none) {
  tree_.write("proc/modules", "ext4 16384 0 - Live 0x0\n");
  tree_.write("proc/net/protocols", "protocol  size\nUNIX      1152\n");
  for (const Protocol protocol : {Protocol::Mptcp, Protocol::Sctp, Protocol::Packet, Protocol::Vsock})
    EXPECT_EQ(how(protocol), Sight::Absent);
  EXPECT_EQ(names(look().gaps([](Protocol) { return true; })), Names{});
}

TEST_F(FamilySights, what_is_built_in_or_cannot_be_loaded_any_more_is_asked) {
  tree_.write("proc/modules", "ext4 16384 0 - Live 0x0\n");
  utsname name{};
  ASSERT_EQ(::uname(&name), 0);
  tree_.write(std::string("modules/") + name.release + "/modules.builtin",
              "kernel/net/packet/af_packet_diag.ko\n");
  EXPECT_EQ(how(Protocol::Packet), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Unix), Sight::ProcNet);
  tree_.write("proc/sys/kernel/modules_disabled", "1\n");
  EXPECT_EQ(how(Protocol::Unix), Sight::SockDiag);
}

TEST_F(FamilySights, what_nobody_wants_is_off) {
  wanted_ = {Protocol::Tcp};
  EXPECT_EQ(how(Protocol::Tcp), Sight::SockDiag);
  EXPECT_EQ(how(Protocol::Unix), Sight::Off);
}

TEST_F(FamilySights, a_refusal_leaves_the_table_where_there_is_one) {
  FamilySight sight = look();
  sight.has_no_sock_diag(Protocol::Raw);
  sight.has_no_sock_diag(Protocol::Vsock);
  EXPECT_EQ(sight.how[static_cast<std::size_t>(Protocol::Raw)], Sight::ProcNet);
  EXPECT_EQ(sight.how[static_cast<std::size_t>(Protocol::Vsock)], Sight::Unreadable);
  ASSERT_EQ(sight.unreadable.size(), 1U);
  EXPECT_EQ(sight.unreadable[0].why, "this kernel was built without vsock_diag");
}

}  // namespace
}  // namespace sockwatch
