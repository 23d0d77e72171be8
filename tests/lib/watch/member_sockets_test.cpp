// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/member_sockets.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using Records = std::vector<SocketRecord>;

SocketRecord numbered(std::uint64_t cookie) {
  return listening(Protocol::Tcp, "0.0.0.0", 80, cookie);
}

TEST(MemberSockets, are_the_same_whatever_their_order) {
  EXPECT_TRUE(same_sockets(Records{numbered(2), numbered(1)}, Records{numbered(1), numbered(2)}));
  EXPECT_FALSE(same_sockets(Records{numbered(1)}, Records{numbered(1), numbered(2)}));
  EXPECT_FALSE(same_sockets(Records{numbered(1), numbered(2)}, Records{numbered(2), numbered(3)}));
}

TEST(MemberSockets, a_socket_that_became_transparent_is_not_the_same) {
  SocketRecord transparent = numbered(1);
  transparent.transparent = true;
  EXPECT_FALSE(same_sockets(Records{numbered(1)}, Records{transparent}));
}

TEST(MemberSockets, one_in_common_is_shared) {
  EXPECT_TRUE(share_a_socket(Records{numbered(1), numbered(2)}, Records{numbered(2), numbered(3)}));
  EXPECT_FALSE(share_a_socket(Records{numbered(1)}, Records{numbered(2)}));
}

TEST(MemberSockets, a_poll_tells_more_where_anything_differs_but_what_it_does_not_ask_for) {
  SocketRecord queued = numbered(1);
  queued.receive_queue = 3;
  EXPECT_TRUE(tells_more(Records{numbered(1)}, Records{queued}));
  EXPECT_TRUE(tells_more(Records{numbered(1), numbered(2)}, Records{numbered(2), numbered(3)}));
  EXPECT_TRUE(tells_more(Records{numbered(1)}, Records{numbered(1), numbered(2)}));
  EXPECT_FALSE(tells_more(Records{numbered(1)}, Records{numbered(1)}));
  SocketRecord mptcp = numbered(1);
  mptcp.mptcp = true;
  EXPECT_FALSE(tells_more(Records{mptcp}, Records{numbered(1)}));
}

TEST(MemberSockets, those_that_stay_come_first_and_newcomers_bring_their_drops) {
  Listener web = listener(numbered(5));
  SocketRecord joined = numbered(1);
  joined.drops = 7;
  take_sockets(web, Records{joined, numbered(5)});
  ASSERT_EQ(web.members.size(), 2U);
  EXPECT_EQ(web.members[0].id.cookie, 5U);
  EXPECT_EQ(web.members[1].id.cookie, 1U);
  EXPECT_EQ(web.drops_total, 7U);
}

}  // namespace
}  // namespace sockwatch
