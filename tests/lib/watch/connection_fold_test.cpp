// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/connection_fold.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

SocketRecord connection(std::uint16_t local_port, std::uint16_t remote_port, SocketState state) {
  SocketRecord record = listening(Protocol::Tcp, "10.0.0.1", local_port, 1);
  record.state = state;
  record.remote = {ip("203.0.113.9"), remote_port, 0};
  return record;
}

ConnectionFold fold_over(const std::vector<Listener>& listeners) {
  ConnectionFold fold;
  fold.start(places_of(listeners));
  return fold;
}

std::uint32_t count_of(const CountByState& counts, SocketState state) {
  return counts[static_cast<std::size_t>(state)];
}

TEST(ConnectionFold, the_listeners_port_names_inbound_and_the_remote_port_names_outbound_connections) {
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1))};
  ConnectionFold fold = fold_over(listeners);
  fold.accept(connection(22, 40001, SocketState::Established));
  fold.accept(connection(22, 40002, SocketState::CloseWait));
  fold.accept(connection(50000, 443, SocketState::Established));
  const ConnectionTally tally = fold.finish({});

  ASSERT_EQ(tally.by_listener.size(), 1U);
  EXPECT_EQ(count_of(tally.by_listener[0].by_state, SocketState::Established), 1U);
  EXPECT_EQ(count_of(tally.by_listener[0].by_state, SocketState::CloseWait), 1U);
  ASSERT_EQ(tally.by_service.size(), 2U);
  EXPECT_EQ(tally.by_service[0].direction, Direction::Inbound);
  EXPECT_EQ(tally.by_service[0].port, 22);
  EXPECT_EQ(tally.by_service[1].direction, Direction::Outbound);
  EXPECT_EQ(tally.by_service[1].port, 443);
  EXPECT_EQ(tally.total, 3U);
}

TEST(ConnectionFold, a_count_is_as_good_as_so_many_connections_and_shows_none) {
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1))};
  ConnectionFold fold = fold_over(listeners);
  SocketRecord inbound = listening(Protocol::Tcp, "0.0.0.0", 22, 0);  // as the listener, whatever came to it
  inbound.state = SocketState::TimeWait;
  fold.count(inbound, 70'000);
  SocketRecord outbound;
  outbound.state = SocketState::Established;
  outbound.remote.port = 443;
  fold.count(outbound, 3);
  fold.accept(connection(50000, 443, SocketState::Established));
  const ConnectionTally tally = fold.finish({});
  ASSERT_EQ(tally.by_listener.size(), 1U);
  EXPECT_EQ(count_of(tally.by_listener[0].by_state, SocketState::TimeWait), 70'000U);
  ASSERT_EQ(tally.by_service.size(), 2U);
  EXPECT_EQ(tally.by_service[1].port, 443);
  EXPECT_EQ(count_of(tally.by_service[1].by_state, SocketState::Established), 4U);
  EXPECT_EQ(tally.total, 70'004U);
  EXPECT_EQ(tally.seen->size(), 1U);
}

TEST(ConnectionFold, the_first_thousand_are_shown_in_order_and_each_once) {
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1))};
  ConnectionFold fold = fold_over(listeners);
  fold.accept(connection(50000, 443, SocketState::Established));
  fold.accept(connection(22, 40001, SocketState::Established));
  fold.accept(connection(22, 40001, SocketState::Established));
  ConnectionTally tally = fold.finish({});
  ASSERT_EQ(tally.seen->size(), 2U);
  EXPECT_EQ((*tally.seen)[0].record.local.port, 22);
  EXPECT_EQ((*tally.seen)[0].direction, Direction::Inbound);
  EXPECT_EQ((*tally.seen)[1].direction, Direction::Outbound);

  fold.start(places_of(listeners));
  for (std::uint16_t port = 1; port <= 1500; ++port)
    fold.accept(connection(50000, port, SocketState::Established));
  tally = fold.finish({});
  EXPECT_EQ(tally.seen->size(), ConnectionTally::kMostSeen);
  EXPECT_EQ(tally.total, 1500U);
}

TEST(ConnectionFold, two_listeners_on_one_port_are_one_service) {
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "10.0.0.1", 80, 1)),
                                        listener(listening(Protocol::Tcp, "127.0.0.1", 80, 2))};
  ConnectionFold fold = fold_over(listeners);
  fold.accept(connection(80, 40001, SocketState::Established));
  SocketRecord local = connection(80, 40002, SocketState::Established);
  local.local.address = ip("127.0.0.1");
  fold.accept(local);
  const ConnectionTally tally = fold.finish({});
  EXPECT_EQ(tally.by_listener.size(), 2U);
  ASSERT_EQ(tally.by_service.size(), 1U);
  EXPECT_EQ(count_of(tally.by_service[0].by_state, SocketState::Established), 2U);
}

TEST(ConnectionFold, ports_past_the_cap_are_counted_under_port_zero) {
  ConnectionFold fold = fold_over({});
  const std::size_t ports = ConnectionFold::kDistinctPorts + 500;
  for (std::size_t i = 1; i <= ports; ++i) {
    fold.accept(connection(50000, static_cast<std::uint16_t>(i), SocketState::Established));
  }
  const ConnectionTally tally = fold.finish({});
  EXPECT_EQ(tally.by_service.size(), ConnectionFold::kDistinctPorts + 1);
  EXPECT_EQ(tally.by_service[0].port, 0);
  EXPECT_EQ(count_of(tally.by_service[0].by_state, SocketState::Established), 500U);
  EXPECT_EQ(tally.total, ports);
}

TEST(ConnectionFold, starting_again_forgets_the_last_look) {
  ConnectionFold fold = fold_over({listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1))});
  fold.accept(connection(22, 40001, SocketState::Established));
  fold.accept(connection(50000, 443, SocketState::Established));
  fold.start({});
  fold.accept(connection(22, 40001, SocketState::Established));
  const ConnectionTally tally = fold.finish({});
  EXPECT_TRUE(tally.by_listener.empty());
  ASSERT_EQ(tally.by_service.size(), 1U);
  EXPECT_EQ(tally.by_service[0].port, 40001);
  EXPECT_EQ(tally.total, 1U);
}

TEST(ConnectionFold, tells_which_of_the_wanted_sockets_it_met) {
  ConnectionFold fold;
  SocketRecord met = connection(50000, 53, SocketState::Established);
  met.id.cookie = 7;
  fold.start({}, {{{}, 9}, {{}, 7}});
  fold.accept(met);
  EXPECT_EQ(fold.met(), (std::vector<SocketId>{{{}, 7}}));
}

TEST(ConnectionFold, a_listener_that_slips_in_is_no_connection) {
  ConnectionFold fold = fold_over({});
  fold.accept(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  EXPECT_EQ(fold.finish({}).total, 0U);
}

}  // namespace
}  // namespace sockwatch
