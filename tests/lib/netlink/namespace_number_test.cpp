// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/namespace_number.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "lib/base/unique_fd.h"
#include "tests/fakes/namespace_of_own.h"

namespace sockwatch {
namespace {

// 0, or libnl's code.
int give_number(const std::string& path, std::int32_t number) {
  const UniqueFd space(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  nl_sock* socket = ::nl_socket_alloc();
  nl_msg* request = ::nlmsg_alloc_simple(RTM_NEWNSID, 0);
  rtgenmsg header{};
  ::nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO);
  ::nla_put_u32(request, NETNSA_FD, static_cast<std::uint32_t>(space.get()));
  ::nla_put_s32(request, NETNSA_NSID, number);
  int status = ::nl_connect(socket, NETLINK_ROUTE);
  if (status == 0) status = ::nl_send_sync(socket, request);  // frees the request
  ::nl_socket_free(socket);
  return status;
}

TEST(NamespaceNumber, is_the_one_that_was_given) {
  const NamespaceOfOwn there;
  if (there.error() != 0) GTEST_SKIP() << "needs CAP_SYS_ADMIN to make a network namespace";
  EXPECT_EQ(number_of_namespace(there.path()), std::nullopt) << "none was asked for";
  ASSERT_EQ(give_number(there.path(), 471'101), 0);
  EXPECT_EQ(number_of_namespace(there.path()), 471'101);
}

TEST(NamespaceNumber, has_none_where_there_is_no_namespace) {
  EXPECT_EQ(number_of_namespace("/nowhere"), std::nullopt);
  EXPECT_EQ(number_of_namespace("/proc/self/ns/pid"), std::nullopt);
}

}  // namespace
}  // namespace sockwatch
