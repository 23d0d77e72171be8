// SPDX-License-Identifier: Apache-2.0
#include "cli/look.h"

#include <gtest/gtest.h>

#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

Listener web(std::uint16_t port) {
  return listener(listening(Protocol::Tcp, "::", port, port));
}

TEST(Look, a_listener_is_asked_which_way_a_connection_went) {
  const Look look = put_together({web(22)},
                                 std::vector{connected("10.0.0.1", 22, "10.0.0.9", 50000, 1),
                                             connected("10.0.0.1", 50001, "10.0.0.9", 443, 2)},
                                 ServiceTable());
  ASSERT_EQ(look.connections.size(), 2U);
  EXPECT_EQ(look.connections[0].direction, Direction::Inbound);
  EXPECT_EQ(look.connections[0].annotation.service->name, "ssh");
  EXPECT_EQ(look.connections[0].annotation.category, Category::WellKnown);
  EXPECT_EQ(look.connections[1].direction, Direction::Outbound);
  EXPECT_EQ(look.connections[1].annotation.service->name, "https");
  EXPECT_EQ(look.connections[1].annotation.scope, Scope::Private);
  EXPECT_EQ(look.listeners[0].connections, 1U);
}

TEST(Look, without_connections_nothing_was_counted) {
  const Look look = put_together({web(22)}, std::nullopt, ServiceTable());
  EXPECT_EQ(look.listeners[0].connections, std::nullopt);
  EXPECT_TRUE(look.connections.empty());
}

TEST(Look, counts_stay_with_their_listener_when_listeners_are_sorted_by_port) {
  Listener late = listener(listening(Protocol::Tcp, "127.0.0.1", 8080, 1));
  Listener early = listener(listening(Protocol::Tcp, "127.0.0.2", 80, 2));
  const Look look = put_together(
      {late, early}, std::vector{connected("127.0.0.1", 8080, "127.0.0.1", 5000, 3)}, ServiceTable());
  EXPECT_EQ(look.listeners[0].listener.key.local.port, 80);
  EXPECT_EQ(look.listeners[0].connections, 0U);
  EXPECT_EQ(look.listeners[1].listener.key.local.port, 8080);
  EXPECT_EQ(look.listeners[1].connections, 1U);
}

TEST(Look, what_was_there_at_the_first_look_has_no_known_beginning) {
  const Instant first{MonotonicTime(std::chrono::seconds(10)), WallTime(std::chrono::seconds(1000))};
  std::vector<Listener> listeners{web(22), web(80)};
  listeners[0].first_seen = first;
  listeners[1].first_seen = first + std::chrono::seconds(1);
  forget_unknown_first_seen(listeners, first);
  EXPECT_EQ(listeners[0].first_seen, Instant{});
  EXPECT_EQ(listeners[1].first_seen, first + std::chrono::seconds(1));
}

Look with_owners(OwnerState listener_state, OwnerState connection_state) {
  Look look;
  look.anything_learned = true;
  look.listeners = {sshd(), open_listener(Protocol::Tcp, "::1", 631, owned_by_nobody(listener_state))};
  look.connections.push_back({connected("::1", 1, "::1", 2, 3), Direction::Outbound, {}});
  look.connections.back().annotation.owner.state = connection_state;
  return look;
}

TEST(Gaps, owners_that_were_denied_are_counted) {
  const auto gaps = gaps_of(with_owners(OwnerState::NoPermission, OwnerState::NoPermission));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].what, "owners of 2 sockets");
  EXPECT_TRUE(gaps[0].why.starts_with("no permission to read other users' /proc/PID/fd; ")) << gaps[0].why;
  EXPECT_EQ(gaps_of(with_owners(OwnerState::NoPermission, OwnerState::Exited))[0].what, "owner of 1 socket");
}

TEST(Gaps, other_reasons_for_a_missing_owner_are_answers) {
  for (const OwnerState state : {OwnerState::Kernel, OwnerState::Exited, OwnerState::OtherPidNamespace}) {
    EXPECT_TRUE(gaps_of(with_owners(state, state)).empty()) << word(state);
  }
}

TEST(Gaps, what_the_kernel_did_not_tell_comes_first) {
  Look look = with_owners(OwnerState::NoPermission, OwnerState::Exited);
  look.unseen = {{"udp over IPv6", "sock_diag: Operation not permitted"}};
  const auto gaps = gaps_of(look);
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].what, "udp over IPv6");
}

TEST(Gaps, a_recording_without_owners_is_whole) {
  Look look = with_owners(OwnerState::NoPermission, OwnerState::NoPermission);
  look.source = SocketSource::Replay;
  EXPECT_TRUE(gaps_of(look).empty());
}

TEST(Remarks, there_are_none_on_a_whole_view_of_a_machine_that_was_learned) {
  EXPECT_EQ(remarks_on(with_owners(OwnerState::Kernel, OwnerState::Exited)), std::vector<std::string>{});
}

TEST(Remarks, a_gap_is_said_in_one_printable_line) {
  Look look;
  look.unseen = {{"tcp\nover IPv4", "refused"}};
  EXPECT_EQ(remarks_on(look), std::vector<std::string>{"tcp\\x0aover IPv4: refused"});
}

TEST(Remarks, nothing_learned_is_only_worth_a_word_where_it_decided_something) {
  Look look = with_owners(OwnerState::Kernel, OwnerState::Exited);
  look.anything_learned = false;
  EXPECT_EQ(
      remarks_on(look),
      std::vector<std::string>{"nothing was learned here, or it may not be read: what no rule names shows as "
                               "unexpected"});
  look.listeners.pop_back();  // the other one has a rule
  EXPECT_TRUE(remarks_on(look).empty());
}

TEST(Remarks, a_lesser_source_is_named) {
  Look look;
  look.source = SocketSource::ProcNet;
  ASSERT_EQ(remarks_on(look).size(), 1U);
  EXPECT_TRUE(remarks_on(look)[0].starts_with("sockets come from /proc/net"));
  look.source = SocketSource::Replay;
  EXPECT_EQ(remarks_on(look), std::vector<std::string>{"owners are unknown: a recording does not hold them"});
}

TEST(Look, a_line_of_proc_net_unix_that_nobody_holds_is_dropped) {
  Look look;
  for (const OwnerState state : {OwnerState::Known, OwnerState::Unexplained}) {
    for (const bool told : {false, true}) {
      OpenListener open;
      open.listener.members.resize(1);
      open.listener.members.front().protocol = Protocol::Unix;
      open.listener.members.front().inode = 4711;
      open.listener.members.front().queue_told = told;
      open.listener.annotation.owner.state = state;
      look.listeners.push_back(open);
    }
  }
  drop_mere_lines(look);
  EXPECT_EQ(look.listeners.size(), 3U);
}

}  // namespace
}  // namespace sockwatch
