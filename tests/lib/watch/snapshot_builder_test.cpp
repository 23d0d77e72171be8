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
  builder.accept(connected_udp);
  builder.accept(listening(Protocol::Udp, "0.0.0.0", 0, 3));
  SocketRecord bound_tcp = listening(Protocol::Tcp, "0.0.0.0", 4444, 4);
  bound_tcp.state = SocketState::Close;
  builder.accept(bound_tcp);
  EXPECT_TRUE(builder.finish({}).listeners.empty());
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

}  // namespace
}  // namespace sockwatch
