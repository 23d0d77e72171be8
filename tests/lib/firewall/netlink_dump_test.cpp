// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/netlink_dump.h"

#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <cerrno>

namespace sockwatch::firewall {
namespace {

void ask_for_links(nlmsghdr& message) {
  message.nlmsg_type = RTM_GETLINK;
  message.nlmsg_flags = NLM_F_DUMP;
  *static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(&message, sizeof(ifinfomsg))) = {};
}

TEST(NetlinkDump, a_dump_has_an_end_and_can_be_asked_again) {
  auto netlink = NetlinkDump::open(NETLINK_ROUTE);
  ASSERT_TRUE(netlink.ok());
  for (int i = 0; i < 2; ++i) {
    int links = 0;
    EXPECT_TRUE(netlink
                    ->ask(ask_for_links,
                          [&links](const nlmsghdr& message) {
                            EXPECT_GE(NetlinkDump::payload_of(message).size(), sizeof(ifinfomsg));
                            ++links;
                          })
                    .ok());
    EXPECT_GE(links, 1);  // lo is everywhere
  }
}

TEST(NetlinkDump, what_the_kernel_does_not_know_is_an_error) {
  auto netlink = NetlinkDump::open(NETLINK_ROUTE);
  ASSERT_TRUE(netlink.ok());
  const auto asked =
      netlink->ask([](nlmsghdr& message) { message.nlmsg_type = 9999; }, [](const nlmsghdr&) {});
  EXPECT_FALSE(asked.ok());
  EXPECT_EQ(asked.error().code, EOPNOTSUPP);
}

}  // namespace
}  // namespace sockwatch::firewall
