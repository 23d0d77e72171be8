// SPDX-License-Identifier: Apache-2.0
// Asks the kernel that runs here. What a tunnel of the kernel looks like is in tests/live/test_owners.py.
// Skipped without the privileges.
#include "lib/bpf/kernel_socket_walk.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace sockwatch {
namespace {

TEST(KernelSocketWalk, a_socket_of_a_process_is_none_of_the_kernels) {
  auto programs = KernelSocketWalk::open();
  if (!programs.ok()) GTEST_SKIP() << programs.error().message;
  const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(tcp.get(), 1), 0);
  const UniqueFd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  ASSERT_EQ(::bind(udp.get(), reinterpret_cast<const sockaddr*>(&any), sizeof(any)), 0);
  auto begun = (*programs)->begin();
  ASSERT_TRUE(begun.ok()) << begun.error().message;
  const auto cookies = KernelSocketWalk::finish(*std::move(begun));
  ASSERT_TRUE(cookies.ok()) << cookies.error().message;
  EXPECT_TRUE(std::is_sorted(cookies->begin(), cookies->end()));
  for (const UniqueFd* socket : {&tcp, &udp}) {
    std::uint64_t cookie = 0;
    socklen_t length = sizeof(cookie);
    ASSERT_EQ(::getsockopt(socket->get(), SOL_SOCKET, SO_COOKIE, &cookie, &length), 0);
    EXPECT_FALSE(std::binary_search(cookies->begin(), cookies->end(), cookie));
  }
}

}  // namespace
}  // namespace sockwatch
