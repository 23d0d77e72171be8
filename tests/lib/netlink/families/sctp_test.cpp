// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/sctp.h"

#include <gtest/gtest.h>

#include <linux/inet_diag.h>
#include <netinet/in.h>

#include "lib/model/place.h"
#include "lib/netlink/families/inet.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

// No kernel at hand has SCTP: sctp_diag fills inet_diag_msg for an endpoint (net/sctp/diag.c:
// inet_sctp_diag_fill) with sk_ack_backlog and sk_max_ack_backlog as queues, and adds its bind addresses as
// INET_DIAG_LOCALS.
TEST(Sctp, a_listener_is_told_with_its_queue_and_other_addresses_are_passed_over) {
  using wire::operator+;
  inet_diag_msg fixed{};
  fixed.idiag_family = AF_INET;
  fixed.idiag_state = static_cast<std::uint8_t>(SocketState::Listen);
  fixed.id.idiag_sport = htons(3868);
  fixed.idiag_rqueue = 1;
  fixed.idiag_wqueue = 128;
  const auto locals = wire::attribute(INET_DIAG_LOCALS, wire::of(sockaddr_storage{}));
  SocketRecord record;
  const DumpRequest request = sctp::requests(LookKind::Listeners, {}).front();
  ASSERT_TRUE(inet::decode(request, wire::of(fixed) + locals, record));
  EXPECT_EQ(place_text(record.protocol, record.local), "0.0.0.0:3868");
  EXPECT_EQ(record.protocol, Protocol::Sctp);
  EXPECT_EQ(record.receive_queue, 1U);
  EXPECT_EQ(record.send_queue, 128U);
}

TEST(Sctp, no_socket_is_asked_for_twice) {
  for (const DumpRequest& request : sctp::requests(LookKind::Listeners, {}))
    EXPECT_EQ(request.bind, Bind::Unknown);
}

}  // namespace
}  // namespace sockwatch
