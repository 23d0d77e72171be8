// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/mptcp.h"

#include <gtest/gtest.h>

#include "tests/lib/netlink/family_fixture.h"

namespace sockwatch {
namespace {

TEST(FamilyFixture, an_mptcp_listener_has_the_inode_of_its_tcp_socket_and_another_cookie) {
  const auto tcp = of_protocol(fixture_records(LookKind::Listeners), Protocol::Tcp);
  const auto mptcp = of_protocol(fixture_records(LookKind::Listeners), Protocol::Mptcp);
  ASSERT_EQ(mptcp.size(), 2U);
  for (const SocketRecord& record : mptcp) {
    EXPECT_TRUE(record.mptcp);
    EXPECT_EQ(record.local.port, 5000U);
    const auto twin =
        std::find_if(tcp.begin(), tcp.end(), [&](const auto& t) { return t.inode == record.inode; });
    ASSERT_NE(twin, tcp.end());
    EXPECT_EQ(twin->local, record.local);
    EXPECT_NE(twin->id, record.id);
  }
}

TEST(Mptcp, connections_are_left_to_tcp) {
  EXPECT_TRUE(mptcp::requests(LookKind::Connections, {}).empty());
}

}  // namespace
}  // namespace sockwatch
