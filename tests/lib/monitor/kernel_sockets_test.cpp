// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/kernel_sockets.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(KernelSockets, of_what_no_walk_shows_nothing_is_said) {
  const FakeClock clock;
  KernelSockets sockets(NamespaceId{1}, nullptr, clock);
  SocketRecord mptcp = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  mptcp.mptcp = true;
  EXPECT_EQ(sockets.is_kernel_socket(mptcp), std::nullopt) << "its inner part is the kernel's, it is not";
  EXPECT_EQ(sockets.is_kernel_socket(listening(Protocol::Tcp, "0.0.0.0", 80, 0)), std::nullopt)
      << "no cookie";
  EXPECT_EQ(sockets.is_kernel_socket(unix_listening("/run/a", 1)), std::nullopt);
  SocketRecord elsewhere = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  elsewhere.id.name_space = NamespaceId{2};
  EXPECT_EQ(sockets.is_kernel_socket(elsewhere), std::nullopt) << "there is no way there";
}

}  // namespace
}  // namespace sockwatch
