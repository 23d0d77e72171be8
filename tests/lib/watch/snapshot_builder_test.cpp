// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/snapshot_builder.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

std::vector<std::uint64_t> cookies(const Snapshot& snapshot) {
  std::vector<std::uint64_t> all;
  for (const SocketRecord& record : snapshot.listeners) all.push_back(record.id.cookie);
  return all;
}

TEST(SnapshotBuilder, sorts_by_key_and_then_by_cookie) {
  SnapshotBuilder builder;
  builder.start();
  builder.accept(listening(Protocol::Udp, "0.0.0.0", 53, 1));
  builder.accept(listening(Protocol::Tcp, "0.0.0.0", 80, 3));
  builder.accept(listening(Protocol::Tcp, "0.0.0.0", 22, 4));
  builder.accept(listening(Protocol::Tcp, "0.0.0.0", 80, 2));
  EXPECT_EQ(cookies(builder.finish({})), (std::vector<std::uint64_t>{4, 2, 3, 1}));
}

TEST(SnapshotBuilder, a_socket_sent_twice_counts_once) {
  SnapshotBuilder builder;
  builder.start();
  builder.accept(listening(Protocol::Tcp, "0.0.0.0", 80, 7));
  builder.accept(listening(Protocol::Tcp, "::", 80, 8));
  builder.accept(listening(Protocol::Tcp, "0.0.0.0", 80, 7));
  EXPECT_EQ(cookies(builder.finish({})), (std::vector<std::uint64_t>{7, 8}));
}

TEST(SnapshotBuilder, connections_and_bound_sockets_without_a_port_are_left_out) {
  SnapshotBuilder builder;
  builder.start();
  SocketRecord connection = listening(Protocol::Tcp, "10.0.0.1", 22, 1);
  connection.state = SocketState::Established;
  builder.accept(connection);
  SocketRecord connected_udp = listening(Protocol::Udp, "10.0.0.1", 53, 2);
  connected_udp.state = SocketState::Established;
  connected_udp.remote = {ip("10.0.0.2"), 53, 0};
  builder.accept(connected_udp);
  builder.accept(listening(Protocol::Udp, "0.0.0.0", 0, 3));
  SocketRecord bound_tcp = listening(Protocol::Tcp, "0.0.0.0", 4444, 4);
  bound_tcp.state = SocketState::Close;
  builder.accept(bound_tcp);
  EXPECT_TRUE(builder.finish({}).listeners.empty());
}

TEST(SnapshotBuilder, udp_that_is_connected_to_an_address_without_a_port_waits_for_all_of_its_ports) {
  SnapshotBuilder builder;
  builder.start();
  SocketRecord record = listening(Protocol::Udp, "0.0.0.0", 4902, 1);
  record.state = SocketState::Established;
  record.remote.address = ip("10.1.2.3");
  builder.accept(record);
  record.id.cookie = 2;
  record.remote.port = 53;
  builder.accept(record);
  EXPECT_EQ(cookies(builder.finish({})), (std::vector<std::uint64_t>{1}));
}

// Which sockets become promiscuous by another one's membership.
TEST(SnapshotBuilder, what_one_packet_socket_asks_of_an_interface_the_others_there_get) {
  constexpr std::uint32_t kEth0 = 2;  // where packet_socket() binds
  struct Row {
    std::uint32_t asked_on;
    std::uint32_t bound_to;
    std::uint16_t ethertype;
    std::uint64_t name_space;
    bool promiscuous;
  };
  const Row rows[] = {{kEth0, kEth0, 3, 0, true},       {kEth0, 0, 3, 0, true},
                      {kEth0, 5, 3, 0, false},          {kEth0, kEth0, 0x0806, 0, false},
                      {kEth0, kEth0, 3, 9, false},      {kEveryInterface, 5, 3, 0, true},
                      {kEveryInterface, 5, 3, 9, false}};
  for (const Row& row : rows) {
    SnapshotBuilder builder;
    builder.start();
    SocketRecord asks = packet_socket("eth0", 0, 1);
    asks.promiscuous_on[0] = row.asked_on;
    SocketRecord reads = packet_socket("eth0", row.ethertype, 2);
    reads.local.interface_index = row.bound_to;
    reads.id.name_space = NamespaceId{row.name_space};
    builder.accept(reads);
    builder.accept(asks);
    const Snapshot& found = builder.finish({});
    ASSERT_EQ(found.listeners.size(), 1U) << "the first takes nothing itself";
    EXPECT_EQ(found.listeners[0].promiscuous, row.promiscuous)
        << row.asked_on << " " << row.bound_to << " " << row.ethertype << " " << row.name_space;
    builder.start();
    builder.accept(reads);
    EXPECT_FALSE(builder.finish({}).listeners[0].promiscuous) << "the membership is gone";
  }
}

TEST(SnapshotBuilder, starting_again_forgets_the_last_look) {
  SnapshotBuilder builder;
  builder.start();
  builder.accept(listening(Protocol::Tcp, "0.0.0.0", 80, 1));
  builder.finish({}).complete[0] = true;
  builder.start();
  const Snapshot& second = builder.finish({});
  EXPECT_TRUE(second.listeners.empty());
  EXPECT_FALSE(second.complete[0]);
}

SocketRecord mptcp_twin(const SocketRecord& tcp, std::uint64_t cookie) {
  SocketRecord twin = tcp;
  twin.protocol = Protocol::Mptcp;
  twin.id.cookie = cookie;
  return twin;
}

TEST(SnapshotBuilder, what_speaks_mptcp_is_one_listener_that_goes_by_its_tcp_socket) {
  const SocketRecord tcp = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  const SocketRecord plain = listening(Protocol::Tcp, "0.0.0.0", 81, 2);
  SnapshotBuilder builder;
  builder.start();
  for (const SocketRecord& record : {mptcp_twin(tcp, 9), tcp, plain}) builder.accept(record);
  const Snapshot& found = builder.finish({});
  ASSERT_EQ(found.listeners.size(), 2U);
  EXPECT_EQ(found.listeners[0].id, tcp.id);
  EXPECT_TRUE(found.listeners[0].mptcp);
  EXPECT_FALSE(found.listeners[1].mptcp);
}

TEST(SnapshotBuilder, without_its_tcp_socket_an_mptcp_listener_stands_for_itself) {
  SocketRecord other = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  const SocketRecord mptcp = mptcp_twin(other, 9);
  other.id.name_space = NamespaceId{5};  // inodes are not told apart by namespace
  SnapshotBuilder builder;
  builder.start();
  builder.accept(mptcp);
  builder.accept(other);
  const Snapshot& found = builder.finish({});
  ASSERT_EQ(found.listeners.size(), 2U);
  EXPECT_EQ(found.listeners[0].protocol, Protocol::Mptcp);
}

TEST(SnapshotBuilder, unix_and_packet_sockets_are_listeners_where_they_take_something) {
  SnapshotBuilder builder;
  builder.start();
  builder.accept(unix_listening("/a", 1));
  builder.accept(unix_listening("/b", 2, SocketType::Dgram));
  builder.accept(unix_listening("", 3, SocketType::Dgram));
  builder.accept(packet_socket("eth0", 3, 4));
  builder.accept(packet_socket("eth0", 0, 5));  // sends only
  EXPECT_EQ(builder.finish({}).listeners.size(), 3U);
}

TEST(SnapshotBuilder, each_of_many_mptcp_listeners_finds_its_own_tcp_socket) {
  SnapshotBuilder builder;
  builder.start();
  for (std::uint16_t port = 1; port <= 300; ++port) {
    const SocketRecord tcp = listening(Protocol::Tcp, "0.0.0.0", port, port);
    if (port % 3 != 0) builder.accept(mptcp_twin(tcp, 1000U + port));
    builder.accept(tcp);
  }
  const Snapshot& found = builder.finish({});
  ASSERT_EQ(found.listeners.size(), 300U);
  for (const SocketRecord& record : found.listeners) EXPECT_EQ(record.mptcp, record.local.port % 3 != 0);
}

}  // namespace
}  // namespace sockwatch
