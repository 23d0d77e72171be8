// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/listener_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <chrono>
#include <limits>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

Listener open_at(std::string_view address, std::uint16_t port, Scope scope,
                 Protocol protocol = Protocol::Tcp) {
  Listener made = listener(listening(protocol, address, port, port));
  made.annotation.scope = scope;
  made.verdict.kind = VerdictKind::Expected;
  return made;
}

Listener assigned(Listener made) {
  made.members.front().bind = Bind::Assigned;
  return made;
}

View view_of(std::vector<Listener> listeners) {
  View view;
  view.listeners = std::move(listeners);
  return view;
}

std::vector<std::string> ports(const ListenerRows& rows) {
  std::vector<std::string> found;
  for (const ListenerRow& row : rows.rows) found.push_back(row.place.port);
  return found;
}

std::size_t series(const ListenerRows& rows) {
  std::size_t total = 0;
  for (const ListenerRow& row : rows.rows) total += row.series();
  return total;
}

TEST(ListenerRows, queues_are_told_where_they_mean_something) {
  const ListenerRows rows = listener_rows(
      view_of({open_at("0.0.0.0", 22, Scope::Any), open_at("0.0.0.0", 53, Scope::Any, Protocol::Udp)}),
      kUnlimited);
  ASSERT_EQ(rows.rows.size(), 2U);
  EXPECT_TRUE(rows.rows[0].accept_queue);
  EXPECT_FALSE(rows.rows[0].receive_queue_bytes);
  EXPECT_FALSE(rows.rows[1].accept_queue);
  EXPECT_TRUE(rows.rows[1].receive_queue_bytes);
}

TEST(ListenerRows, assigned_ports_of_one_address_are_one_row) {
  Listener first = assigned(open_at("0.0.0.0", 40001, Scope::Any));
  Listener second = assigned(open_at("0.0.0.0", 40002, Scope::Any));
  first.members.front().receive_queue = 3;
  second.members.front().receive_queue = 4;
  first.members.front().send_queue = second.members.front().send_queue = 128;
  first.drops_total = 5;
  second.drops_total = 6;
  first.opened.wall = WallTime(10s);
  second.opened.wall = WallTime(20s);
  first.last_connection = WallTime(15s);

  const ListenerRows rows = listener_rows(view_of({first, second}), kUnlimited);

  ASSERT_EQ(rows.rows.size(), 1U);
  const ListenerRow& row = rows.rows.front();
  EXPECT_EQ(row.place, (RowPlace{"host", "tcp", "0.0.0.0", "assigned"}));
  EXPECT_EQ(row.facts.size(), 1U) << "equal facts are one series";
  ASSERT_TRUE(row.accept_queue);
  EXPECT_EQ(row.accept_queue->length, 7U);
  EXPECT_EQ(row.accept_queue->limit, 256U);
  EXPECT_EQ(row.drops, 11U);
  EXPECT_EQ(row.opened, WallTime(20s));
  EXPECT_EQ(row.last_connection, WallTime(15s));
  EXPECT_EQ(rows.series_folded, 0U);
}

TEST(ListenerRows, one_row_with_different_owners_has_one_info_each) {
  Listener first = assigned(open_at("0.0.0.0", 40001, Scope::Any, Protocol::Udp));
  Listener second = assigned(open_at("0.0.0.0", 40002, Scope::Any, Protocol::Udp));
  first.annotation.owner.unit = "a.service";
  second.annotation.owner.unit = "b.service";
  const ListenerRows rows = listener_rows(view_of({second, first}), kUnlimited);
  ASSERT_EQ(rows.rows.size(), 1U);
  EXPECT_EQ(rows.rows.front().facts.size(), 2U);
  EXPECT_EQ((*rows.rows.front().facts.begin())[4], "a.service") << "sorted, whatever the order of the View";
}

TEST(ListenerRows, one_place_on_two_interfaces_is_one_row) {
  Listener first = open_at("fe80::1", 546, Scope::LinkLocal, Protocol::Udp);
  Listener second = first;
  first.key.local.interface_index = 2;
  second.key.local.interface_index = 3;
  EXPECT_EQ(listener_rows(view_of({first, second}), kUnlimited).rows.size(), 1U);
}

TEST(ListenerRows, connections_are_found_by_key) {
  View view = view_of({open_at("0.0.0.0", 22, Scope::Any), open_at("0.0.0.0", 80, Scope::Any)});
  ListenerConnections held;
  held.listener = view.listeners[1].key;
  held.by_state[static_cast<std::size_t>(SocketState::TimeWait)] = 9;
  ListenerConnections stale;
  stale.listener.local = {ip("0.0.0.0"), 23, 0};
  view.connections.by_listener = {stale, held};

  const ListenerRows rows = listener_rows(view, kUnlimited);

  EXPECT_FALSE(rows.rows[0].shows(SocketState::TimeWait));
  EXPECT_TRUE(rows.rows[0].shows(SocketState::Established)) << "0 connections is a number worth having";
  EXPECT_TRUE(rows.rows[1].shows(SocketState::TimeWait));
  EXPECT_EQ(rows.rows[1].connections[static_cast<std::size_t>(SocketState::TimeWait)], 9U);
}

TEST(ListenerRows, within_the_budget_nothing_folds) {
  const View view = view_of({open_at("127.0.0.1", 80, Scope::Loopback), open_at("0.0.0.0", 22, Scope::Any)});
  const std::size_t needed = series(listener_rows(view, kUnlimited));
  const ListenerRows rows = listener_rows(view, needed);
  EXPECT_EQ(rows.rows.size(), 2U);
  EXPECT_EQ(rows.series_folded, 0U);
}

// Each of these rows takes 6 series, and so does the row of the others.
TEST(ListenerRows, the_least_exposed_fold_first) {
  Listener wanted = open_at("10.0.0.1", 3, Scope::Private);
  Listener unwanted = open_at("10.0.0.1", 4, Scope::Private);
  unwanted.verdict.kind = VerdictKind::Unexpected;
  const View view =
      view_of({open_at("0.0.0.0", 1, Scope::Any), assigned(open_at("10.0.0.1", 2, Scope::Private)), wanted,
               unwanted, open_at("127.0.0.1", 5, Scope::Loopback)});
  using Ports = std::vector<std::string>;
  EXPECT_EQ(ports(listener_rows(view, 30)), (Ports{"1", "assigned", "3", "4", "5"}));
  EXPECT_EQ(ports(listener_rows(view, 29)), (Ports{"1", "3", "4", "other"}));
  EXPECT_EQ(ports(listener_rows(view, 18)), (Ports{"1", "4", "other"}));
  EXPECT_EQ(ports(listener_rows(view, 12)), (Ports{"4", "other"}));
  EXPECT_EQ(ports(listener_rows(view, 0)), (Ports{"other"}));
}

TEST(ListenerRows, a_crowd_that_is_expected_folds_before_one_that_nobody_expects) {
  std::vector<Listener> listeners;
  for (std::uint16_t port = 1; port <= 100; ++port) listeners.push_back(open_at("0.0.0.0", port, Scope::Any));
  Listener evil = open_at("127.0.0.1", 31337, Scope::Loopback);
  evil.verdict.kind = VerdictKind::Unexpected;
  listeners.push_back(evil);
  const auto shown = ports(listener_rows(view_of(listeners), 30));
  EXPECT_NE(std::find(shown.begin(), shown.end(), "31337"), shown.end());
}

TEST(ListenerRows, what_folds_is_summed_and_counted) {
  Listener tcp = open_at("127.0.0.1", 1, Scope::Loopback);
  Listener udp = open_at("127.0.0.1", 2, Scope::Loopback, Protocol::Udp);
  tcp.drops_total = 3;
  udp.drops_total = 4;
  udp.members.front().receive_queue = 100;
  const ListenerRows rows = listener_rows(view_of({tcp, udp}), 0);
  ASSERT_EQ(rows.rows.size(), 1U);
  const ListenerRow& other = rows.rows.front();
  EXPECT_EQ(other.place, (RowPlace{"other", "other", "other", "other"}));
  EXPECT_EQ(other.drops, 7U);
  EXPECT_EQ(other.receive_queue_bytes, 100U);
  ASSERT_EQ(other.facts.size(), 1U);
  EXPECT_EQ((*other.facts.begin())[3], "other");
  EXPECT_EQ(rows.series_folded, 6U + 4U);
}

TEST(ListenerRows, a_flood_stays_within_the_budget) {
  std::vector<Listener> flood;
  for (std::uint16_t port = 1; port <= 3000; ++port) flood.push_back(open_at("0.0.0.0", port, Scope::Any));
  const ListenerRows rows = listener_rows(view_of(std::move(flood)), 1024);
  EXPECT_LE(series(rows), 1024U);
  EXPECT_GT(series(rows), 1000U);
  EXPECT_EQ(rows.rows.front().place.port, "1");
  EXPECT_EQ(rows.rows.back().place.port, "other");
}

}  // namespace
}  // namespace sockwatch
