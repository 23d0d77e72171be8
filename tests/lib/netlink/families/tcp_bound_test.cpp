// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/tcp_bound.h"

#include <gtest/gtest.h>

#include "tests/lib/netlink/family_fixture.h"

namespace sockwatch {
namespace {

TEST(FamilyFixture, a_bound_socket_is_told_as_bound_and_is_no_listener) {
  const auto records = fixture_records(LookKind::Connections);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(to_string(records[0].local), "127.0.0.1:5002");
  EXPECT_EQ(word(records[0].state), "bound");
  EXPECT_FALSE(is_listener(records[0]));
}

TEST(TcpBound, is_no_business_of_looks_for_listeners) {
  EXPECT_TRUE(tcp_bound::requests(LookKind::Listeners, {}).empty());
}

}  // namespace
}  // namespace sockwatch
