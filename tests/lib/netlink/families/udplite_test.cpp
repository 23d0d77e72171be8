// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/udplite.h"

#include <gtest/gtest.h>

#include "tests/lib/netlink/family_fixture.h"

namespace sockwatch {
namespace {

TEST(FamilyFixture, udplite_is_told_with_its_port_and_who_chose_it) {
  const auto records = of_protocol(fixture_records(LookKind::Listeners), Protocol::Udplite);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(to_string(records[0].local), "127.0.0.1:5003");
  EXPECT_EQ(records[0].bind, Bind::Explicit);
  EXPECT_EQ(records[1].bind, Bind::Assigned);
  for (const SocketRecord& record : records) EXPECT_TRUE(is_listener(record));
}

}  // namespace
}  // namespace sockwatch
