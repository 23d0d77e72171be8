// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/raw.h"

#include <gtest/gtest.h>

#include <linux/inet_diag.h>
#include <netinet/in.h>

#include "lib/model/place.h"
#include "lib/netlink/families/inet.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

// No kernel at hand has raw_diag (CONFIG_INET_RAW_DIAG): it fills inet_diag_msg as UDP does
// (net/ipv4/raw_diag.c, sk_diag_dump), with the IP protocol where the port is (inet_sport of a raw socket,
// net/ipv4/raw.c).
TEST(Raw, a_socket_is_told_with_the_ip_protocol_it_takes) {
  inet_diag_msg fixed{};
  fixed.idiag_family = AF_INET;
  fixed.idiag_state = static_cast<std::uint8_t>(SocketState::Close);
  fixed.id.idiag_sport = htons(IPPROTO_ICMP);
  fixed.id.idiag_cookie[0] = 7;
  SocketRecord record;
  const DumpRequest request = raw::requests(LookKind::Listeners, {}).front();
  ASSERT_TRUE(raw::decode(request, wire::of(fixed), record));
  EXPECT_EQ(record.type, SocketType::Raw);
  EXPECT_EQ(place_text(record.protocol, record.local), "0.0.0.0 (ip protocol 1)");
  EXPECT_TRUE(is_listener(record));
  EXPECT_EQ(record.bind, Bind::Unknown);
  EXPECT_FALSE(raw::decode(request, Bytes(), record));
}

TEST(Raw, a_connected_one_hears_all_that_one_address_sends) {
  std::uint32_t states = 0;
  for (const DumpRequest& request : raw::requests(LookKind::Listeners, {}))
    states |= read_struct<inet_diag_req_v2>(request.body)->idiag_states;
  EXPECT_EQ(states, bit(SocketState::Close) | bit(SocketState::Established));
  EXPECT_TRUE(raw::requests(LookKind::Connections, {}).empty());
  SocketRecord record;
  record.protocol = Protocol::Raw;
  record.state = SocketState::Established;
  EXPECT_TRUE(is_listener(record));
}

}  // namespace
}  // namespace sockwatch
