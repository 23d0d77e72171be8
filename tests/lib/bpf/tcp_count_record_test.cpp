// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/tcp_count_record.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace sockwatch {
namespace {

constexpr NamespaceId kHere{7};

TEST(TcpCountRecord, an_outbound_place_is_a_remote_port_and_nothing_else) {
  tcp_place place{};
  place.outbound = 1;
  place.port = 443;
  const SocketRecord record = record_of(place, kHere);
  EXPECT_EQ(record.protocol, Protocol::Tcp);
  EXPECT_EQ(record.id.name_space, kHere);
  EXPECT_EQ(record.remote.port, 443U);
  EXPECT_EQ(record.local, Endpoint());
}

TEST(TcpCountRecord, an_inbound_place_is_where_the_listener_sits) {
  struct {
    std::uint32_t words[4];
    const char* text;
  } const cases[] = {
      {{0, 0, htonl(0xffff), htonl(0x7f000001)}, "127.0.0.1:80"},
      {{0, 0, htonl(0xffff), 0}, "0.0.0.0:80"},
      {{0, 0, 0, 0}, "[::]:80"},
      {{0, 0, 0, htonl(1)}, "[::1]:80"},
      {{htonl(0xfe800000), 0, 0, htonl(1)}, "[fe80::1]:80"},
  };
  for (const auto& each : cases) {
    tcp_place place{};
    std::copy(std::begin(each.words), std::end(each.words), std::begin(place.address));
    place.port = 80;
    const SocketRecord record = record_of(place, kHere);
    EXPECT_EQ(to_string(record.local), each.text);
    EXPECT_EQ(record.remote, Endpoint());
  }
  tcp_place bound{};
  bound.interface_index = 3;
  EXPECT_EQ(record_of(bound, kHere).local.interface_index, 3U);
}

TEST(TcpCountRecord, a_told_socket_has_all_that_was_told) {
  tcp_socket socket{};
  socket.cookie = 12;
  socket.cgroup_id = 34;
  socket.uid = 1000;
  socket.inode = 56;
  socket.receive_queue = 7;
  socket.send_queue = 8;
  socket.interface_index = 9;
  socket.local_address[2] = socket.remote_address[2] = htonl(0xffff);
  socket.local_address[3] = htonl(0x0a000001);
  socket.remote_address[3] = htonl(0x0a000002);
  socket.local_port = 22;
  socket.remote_port = 40000;
  socket.state = 8;
  const SocketRecord record = record_of(socket, kHere);
  EXPECT_EQ(record.id, (SocketId{kHere, 12}));
  EXPECT_EQ(record.state, SocketState::CloseWait);
  EXPECT_EQ(to_string(record.local), "10.0.0.1%9:22");
  EXPECT_EQ(to_string(record.remote), "10.0.0.2:40000");
  EXPECT_EQ(record.uid, 1000U);
  EXPECT_EQ(record.inode, 56U);
  EXPECT_EQ(record.cgroup_id, 34U);
  EXPECT_EQ(record.receive_queue, 7U);
  EXPECT_EQ(record.send_queue, 8U);
}

TEST(TcpCountRecord, a_state_that_no_kernel_has_is_unknown) {
  tcp_socket socket{};
  socket.state = 200;
  EXPECT_EQ(record_of(socket, kHere).state, SocketState::Unknown);
}

}  // namespace
}  // namespace sockwatch
