// SPDX-License-Identifier: Apache-2.0
// Against the kernel that runs here, as any user. Asserts what the protocol says, whatever sockets there are.
#include "lib/netlink/kernel_channel.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "lib/base/unique_fd.h"
#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

class Kernel : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = KernelChannel::open();
    if (!opened.ok()) GTEST_SKIP() << "this kernel has no sock_diag: " << opened.error().message;
    channel_ = *std::move(opened);
  }
  std::unique_ptr<KernelChannel> channel_;
};

TEST_F(Kernel, a_look_of_either_kind_ends_and_is_complete) {
  SockDiagSource source(*channel_, kTcpAndUdp);
  for (const LookKind kind : all_of<LookKind>()) {
    for (const SocketRecord& record : look(source, kind)) {
      EXPECT_EQ(record.id.name_space, channel_->name_space());
      EXPECT_NE(record.id.cookie, 0U);
      EXPECT_EQ(is_listener(record), kind == LookKind::Listeners) << describe_connection(record);
    }
    EXPECT_EQ(source.report().malformed, 0U);
    EXPECT_EQ(source.report().result(), LookResult::Complete);
  }
}

TEST_F(Kernel, a_family_without_a_handler_is_refused) {
  inet_diag_req_v2 body{};
  body.sdiag_family = 255;  // beyond the last there is
  const DumpRequest request{Protocol::Tcp, Bind::Unknown, "", wire::of(body)};
  ASSERT_TRUE(channel_->send(encode(request, 9)).ok());
  const auto datagram = channel_->receive();
  ASSERT_TRUE(datagram.ok());
  const auto message = MessageWalk(*datagram).next();
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_error());
  EXPECT_EQ(message->error(), EINVAL);
  EXPECT_EQ(message->sequence, 9U);
}

TEST_F(Kernel, without_a_question_there_is_no_answer_and_no_waiting) {
  EXPECT_EQ(channel_->receive().error().code, EAGAIN);
}

TEST_F(Kernel, two_channels_do_not_hear_each_others_answers) {
  const auto other = KernelChannel::open();
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(channel_->send(encode(families()[0].requests(LookKind::Listeners, Abilities{})[0], 1)).ok());
  EXPECT_EQ((*other)->receive().error().code, EAGAIN);
  EXPECT_TRUE(channel_->receive().ok());
  EXPECT_EQ(channel_->name_space(), (*other)->name_space());
}

TEST_F(Kernel, who_is_not_the_kernel_is_not_heard) {
  sockaddr_nl ours{};
  socklen_t length = sizeof ours;
  ASSERT_EQ(::getsockname(channel_->fd(), reinterpret_cast<sockaddr*>(&ours), &length), 0);
  const UniqueFd forger(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  const nlmsghdr forged{sizeof forged, NLMSG_DONE, 0, 0, 0};
  if (::sendto(forger.get(), &forged, sizeof forged, 0, reinterpret_cast<const sockaddr*>(&ours), length) < 0)
    GTEST_SKIP() << "this user may not write to another's netlink socket";
  EXPECT_EQ(channel_->receive().error().code, EAGAIN);
}

}  // namespace
}  // namespace sockwatch
