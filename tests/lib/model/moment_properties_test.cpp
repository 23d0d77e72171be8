// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/fakes/said.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(MomentProperties, a_datagram_socket_has_bytes_waiting_instead_of_an_accept_queue) {
  Listener udp = listener(listening(Protocol::Udp, "::1", 53, 1));
  udp.members.front().receive_queue = 4096;
  EXPECT_EQ(said(udp, "receive_queue_bytes"), "4096");
  EXPECT_EQ(said(udp, "accept_queue_length"), "-");
  EXPECT_EQ(said(udp, "accept_queue_limit"), "-");
}

TEST(MomentProperties, what_the_kernel_kept_to_itself_is_absent) {
  Listener tcp = listener(listening(Protocol::Tcp, "127.0.0.1", 80, 1));
  tcp.members.front().limit_told = tcp.members.front().drops_told = false;
  EXPECT_EQ(said(tcp, "accept_queue_length"), "0");
  EXPECT_EQ(said(tcp, "accept_queue_limit"), "-");
  EXPECT_EQ(said(tcp, "drops"), "-");
  tcp.members.front().queue_told = false;
  EXPECT_EQ(said(tcp, "accept_queue_length"), "-");
}

TEST(MomentProperties, a_socket_has_its_inode_where_a_file_refers_to_it) {
  Listener tcp = listener(listening(Protocol::Tcp, "127.0.0.1", 80, 1));
  tcp.members.front().inode = 4711;
  EXPECT_EQ(said(tcp, "inode"), "4711");
  tcp.members.front().inode = 0;
  EXPECT_EQ(said(tcp, "inode"), "-");
}

TEST(MomentProperties, connections_are_a_number_where_they_were_counted) {
  const Listener tcp = listener(listening(Protocol::Tcp, "127.0.0.1", 80, 1));
  EXPECT_EQ(said(fields_of(tcp, 0), "connections"), "0");
  EXPECT_EQ(said(fields_of(tcp), "connections"), "-");
}

TEST(MomentProperties, a_listener_has_a_peer_where_it_hears_that_one_alone) {
  Listener udp = listener(listening(Protocol::Udp, "10.0.0.1", 53, 1));
  EXPECT_EQ(said(udp, "peer_address"), "-");
  udp.members.front().remote.address = ip("10.0.0.2");
  EXPECT_EQ(said(udp, "peer_address"), "10.0.0.2");
}

TEST(MomentProperties, a_connection_has_a_peer_and_a_direction_but_no_verdict_and_no_bind) {
  SocketRecord record = listening(Protocol::Tcp, "10.0.0.1", 22, 9);
  record.state = SocketState::Established;
  record.remote = {ip("192.0.2.7"), 50000, 0};
  const std::vector<Field> fields = fields_of(record, Annotation{}, Direction::Inbound);
  EXPECT_EQ(said(fields, "state"), "established");
  EXPECT_EQ(said(fields, "peer_address"), "192.0.2.7");
  EXPECT_EQ(said(fields, "peer_port"), "50000");
  EXPECT_EQ(said(fields, "direction"), "inbound");
  for (const char* name : {"bind", "verdict", "rule", "drops", "first_seen"})
    EXPECT_EQ(said(fields, name), "-") << name;
}

TEST(MomentProperties, a_socket_that_is_only_bound_has_neither_peer_nor_direction) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Unix}) {
    SocketRecord record = listening(protocol, "0.0.0.0", 1, 1);
    record.state = protocol == Protocol::Unix ? SocketState::Established : SocketState::BoundInactive;
    record.remote.port = 7;
    const std::vector<Field> fields = fields_of(record, Annotation{}, Direction::Outbound);
    for (const char* name : {"direction", "peer_address", "peer_port"})
      EXPECT_EQ(said(fields, name), "-") << name;
    EXPECT_EQ(said(fields, "state"), word(record.state));
  }
}

}  // namespace
}  // namespace sockwatch
