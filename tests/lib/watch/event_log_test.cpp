// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/event_log.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using Kind = SocketEvent::Kind;
using Ports = std::vector<std::uint32_t>;

constexpr std::uint64_t kHandle = 0xffff888000000000;

// Time passes with everything that happens, so that the order of a test's lines is the order of its events.
class EventLogTest : public testing::Test {
 protected:
  SocketEvent event(Kind kind, const SocketRecord& record, EventSource source = EventSource::Bpf) {
    SocketEvent made;
    made.kind = kind;
    made.source = source;
    made.record = record;
    made.time = tick();
    return made;
  }
  // As the perf source tells it: without a cookie.
  SocketEvent by_handle(Kind kind, SocketRecord record, std::uint64_t handle = kHandle) {
    record.id = {};
    SocketEvent made = event(kind, record, EventSource::Perf);
    made.handle = handle;
    return made;
  }

  Snapshot look(const std::vector<SocketRecord>& shown, bool complete = true) {
    Snapshot made;
    made.time = tick();
    made.listeners = shown;
    made.complete.fill(complete);
    return made;
  }
  std::vector<EventLog::Vanished> settle(const std::vector<SocketRecord>& shown, bool complete = true) {
    return log_.settle(look(shown, complete));
  }

  Instant tick() {
    clock_.advance(1ms);
    return clock_.now();
  }

  EventLog log_;
  FakeClock clock_;
  const SocketRecord tcp_ = listening(Protocol::Tcp, "0.0.0.0", 4444, 2);
  const SocketRecord udp_ = listening(Protocol::Udp, "0.0.0.0", 5353, 3);
};

Ports ports(const std::vector<EventLog::Vanished>& vanished) {
  Ports all;
  for (const EventLog::Vanished& gone : vanished) all.push_back(gone.opening.record.local.port);
  return all;
}

TEST_F(EventLogTest, what_a_look_shows_is_forgotten) {
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_FALSE(log_.empty());
  EXPECT_EQ(ports(settle({tcp_})), Ports{});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, what_began_and_ended_before_a_look_has_vanished_with_both_times) {
  const SocketEvent opened = event(Kind::Opened, tcp_);
  const SocketEvent closed = event(Kind::Closed, tcp_);
  log_.accept(opened);
  log_.accept(closed);
  const auto vanished = settle({});
  ASSERT_EQ(vanished.size(), 1U);
  EXPECT_EQ(vanished[0].opening.time, opened.time);
  EXPECT_EQ(vanished[0].closed, closed.time);
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, an_end_that_was_told_needs_no_complete_look) {
  log_.accept(event(Kind::Opened, tcp_));
  log_.accept(event(Kind::Closed, tcp_));
  EXPECT_EQ(ports(settle({}, false)), Ports{4444});
}

TEST_F(EventLogTest, what_ended_while_a_look_that_shows_it_went_on_is_the_ledgers) {
  log_.accept(event(Kind::Opened, tcp_));
  const Snapshot shows_it = look({tcp_});
  log_.accept(event(Kind::Closed, tcp_));
  ASSERT_NE(log_.opening_of(tcp_), nullptr) << "the ledger is about to ask who opened it";
  EXPECT_EQ(ports(log_.settle(shows_it)), Ports{});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, an_opening_that_comes_after_the_look_began_is_no_miss) {
  const Snapshot before = look({});
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_EQ(ports(log_.settle(before)), Ports{});
  EXPECT_EQ(ports(settle({})), Ports{}) << "a dump may skip a socket once";
  EXPECT_EQ(ports(settle({})), Ports{4444});
}

TEST_F(EventLogTest, without_an_end_two_complete_looks_prove_it_gone) {
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_EQ(ports(settle({}, false)), Ports{});
  EXPECT_EQ(ports(settle({})), Ports{});
  EXPECT_EQ(ports(settle({}, false)), Ports{});
  const auto vanished = settle({});
  EXPECT_EQ(ports(vanished), Ports{4444});
  EXPECT_EQ(vanished[0].closed, std::nullopt) << "nobody told when";
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, a_second_look_that_shows_it_makes_up_for_the_first) {
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_EQ(ports(settle({})), Ports{});
  EXPECT_EQ(ports(settle({tcp_})), Ports{});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, another_socket_in_the_same_place_is_another_socket) {
  log_.accept(event(Kind::Opened, tcp_));
  log_.accept(event(Kind::Closed, tcp_));
  SocketRecord other = tcp_;
  other.id.cookie = 9;
  EXPECT_EQ(log_.opening_of(other), nullptr);
  EXPECT_EQ(ports(settle({other})), Ports{4444});
}

TEST_F(EventLogTest, a_socket_of_another_namespace_is_another_socket) {
  SocketRecord theirs = tcp_;
  theirs.id.name_space = NamespaceId{77};
  log_.accept(event(Kind::Opened, theirs));
  EXPECT_EQ(log_.opening_of(tcp_), nullptr);
}

TEST_F(EventLogTest, one_socket_that_listens_twice_is_told_twice) {
  for (int i = 0; i < 2; ++i) {
    log_.accept(event(Kind::Opened, tcp_));
    log_.accept(event(Kind::Closed, tcp_));
  }
  EXPECT_EQ(ports(settle({})), (Ports{4444, 4444}));
}

TEST_F(EventLogTest, one_socket_that_listens_again_is_known_and_its_first_time_is_told) {
  log_.accept(event(Kind::Opened, tcp_));
  log_.accept(event(Kind::Closed, tcp_));
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_EQ(ports(settle({tcp_})), Ports{4444});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, the_port_the_kernel_chose_comes_with_the_end) {
  SocketRecord autobound = tcp_;
  autobound.local.port = 0;
  log_.accept(event(Kind::Opened, autobound));
  log_.accept(event(Kind::Closed, tcp_));
  const auto vanished = settle({});
  EXPECT_EQ(ports(vanished), Ports{4444});
  EXPECT_EQ(vanished[0].opening.record.id, tcp_.id);
}

TEST_F(EventLogTest, a_port_nobody_ever_told_is_not_made_up) {
  SocketRecord autobound = tcp_;
  autobound.local.port = 0;
  log_.accept(event(Kind::Opened, autobound));
  EXPECT_EQ(ports(settle({})), Ports{});
  EXPECT_EQ(ports(settle({})), Ports{});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, an_end_without_a_beginning_says_something_only_where_ends_are_all_there_is) {
  log_.accept(event(Kind::Closed, tcp_, EventSource::Bpf));
  log_.accept(by_handle(Kind::Closed, tcp_));
  EXPECT_TRUE(log_.empty());
  log_.accept(event(Kind::Closed, tcp_, EventSource::Destroy));
  log_.accept(event(Kind::Closed, udp_, EventSource::Destroy));
  const auto vanished = settle({});
  EXPECT_EQ(ports(vanished), (Ports{4444, 5353}));
  EXPECT_EQ(vanished[0].closed, std::nullopt) << "how long it lived is not known";
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, without_cookies_the_place_tells) {
  log_.accept(by_handle(Kind::Opened, tcp_));
  ASSERT_NE(log_.opening_of(tcp_), nullptr);
  EXPECT_EQ(log_.opening_of(tcp_)->source, EventSource::Perf);
  EXPECT_EQ(log_.opening_of(udp_), nullptr);
  EXPECT_EQ(log_.opening_of(listening(Protocol::Tcp, "127.0.0.1", 4444, 9)), nullptr);
  EXPECT_EQ(ports(settle({tcp_})), Ports{});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, without_cookies_one_after_the_other_in_the_same_memory_are_all_told) {
  for (int i = 0; i < 3; ++i) {
    log_.accept(by_handle(Kind::Opened, tcp_));
    log_.accept(by_handle(Kind::Closed, tcp_));
  }
  EXPECT_EQ(ports(settle({})), (Ports{4444, 4444, 4444}));
}

TEST_F(EventLogTest, without_cookies_a_successor_in_the_same_place_does_not_hide_who_was_there_before) {
  log_.accept(by_handle(Kind::Opened, tcp_));
  log_.accept(by_handle(Kind::Closed, tcp_));
  log_.accept(by_handle(Kind::Opened, tcp_, kHandle + 64));
  EXPECT_EQ(ports(settle({tcp_})), Ports{4444});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, without_cookies_the_latest_in_a_place_is_the_one_shown) {
  log_.accept(by_handle(Kind::Opened, tcp_, 1));
  log_.accept(by_handle(Kind::Closed, tcp_, 1));
  const SocketEvent second = by_handle(Kind::Opened, tcp_, 2);
  log_.accept(second);
  log_.accept(by_handle(Kind::Closed, tcp_, 2));
  ASSERT_NE(log_.opening_of(tcp_), nullptr);
  EXPECT_EQ(log_.opening_of(tcp_)->time, second.time);
}

TEST_F(EventLogTest, memory_given_to_another_socket_proves_that_the_first_ended) {
  log_.accept(by_handle(Kind::Opened, tcp_));
  log_.accept(by_handle(Kind::Opened, listening(Protocol::Tcp, "0.0.0.0", 4445, 0)));
  const auto vanished = settle({});
  EXPECT_EQ(ports(vanished), Ports{4444});
  EXPECT_EQ(vanished[0].closed, std::nullopt);
}

TEST_F(EventLogTest, handles_and_cookies_do_not_meet) {
  log_.accept(by_handle(Kind::Opened, listening(Protocol::Tcp, "0.0.0.0", 80, 0), tcp_.id.cookie));
  log_.accept(event(Kind::Opened, tcp_));
  log_.accept(event(Kind::Closed, tcp_));
  EXPECT_EQ(ports(settle({})), Ports{4444});
}

// A UDP socket that leaves the look at listeners may have been connected, or closed: no event tells.
TEST_F(EventLogTest, a_udp_socket_that_two_looks_miss_is_asked_for_among_the_connections) {
  log_.accept(event(Kind::Bound, udp_));
  settle({});
  EXPECT_TRUE(log_.ask_for_unclear().empty()) << "one dump may have skipped it";
  settle({});
  EXPECT_EQ(log_.ask_for_unclear(), std::vector<SocketId>{udp_.id});
  settle({});
  EXPECT_EQ(ports(log_.settle_unclear({})), Ports{5353});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, a_udp_socket_that_is_connected_is_no_listener_and_no_news) {
  log_.accept(event(Kind::Bound, udp_));
  settle({});
  settle({});
  const auto asked = log_.ask_for_unclear();
  EXPECT_EQ(ports(log_.settle_unclear(asked)), Ports{});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, only_what_was_asked_for_is_settled) {
  log_.accept(event(Kind::Bound, udp_));
  EXPECT_TRUE(log_.ask_for_unclear().empty());
  settle({});  // while the connections are looked at
  settle({});
  EXPECT_EQ(ports(log_.settle_unclear({})), Ports{}) << "that look was never asked for it";
  EXPECT_EQ(log_.ask_for_unclear(), std::vector<SocketId>{udp_.id});
}

TEST_F(EventLogTest, a_udp_socket_that_shows_up_as_a_listener_is_one) {
  log_.accept(event(Kind::Bound, udp_));
  settle({});
  settle({});
  EXPECT_EQ(log_.ask_for_unclear().size(), 1U);
  EXPECT_EQ(ports(settle({udp_})), Ports{}) << "it was connected, and is no longer";
  EXPECT_EQ(ports(log_.settle_unclear({})), Ports{});
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, incomplete_looks_leave_a_udp_socket_open) {
  log_.accept(event(Kind::Bound, udp_));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ports(settle({}, false)), Ports{});
  EXPECT_TRUE(log_.ask_for_unclear().empty());
  EXPECT_FALSE(log_.empty());
}

// A user's sockets, each another; every second one has ended.
class EventFlood : public EventLogTest {
 protected:
  void flood(Protocol protocol, std::uint32_t uid, std::size_t sockets) {
    const Kind begin = protocol == Protocol::Udp ? Kind::Bound : Kind::Opened;
    for (std::size_t i = 0; i < sockets; ++i) {
      SocketRecord record = listening(protocol, "0.0.0.0", 4444, ++cookie_);
      record.uid = uid;
      log_.accept(event(begin, record));
      if (i % 2 == 0) log_.accept(event(Kind::Closed, record));
    }
  }

  std::uint64_t cookie_ = 100;
};

TEST_F(EventFlood, beyond_a_users_share_is_counted_and_named) {
  constexpr std::size_t kMore = 10;
  flood(Protocol::Tcp, 4001, EventLog::kCapacity / 2 + kMore);
  EXPECT_EQ(log_.overflowed(), kMore);
  ASSERT_TRUE(log_.lost_most());
  EXPECT_EQ(log_.lost_most()->uid, 4001U);
  EXPECT_EQ(log_.lost_most()->events, kMore);
}

TEST_F(EventFlood, leaves_places_for_the_sockets_of_others) {
  flood(Protocol::Tcp, 4001, EventLog::kCapacity);
  const std::uint64_t lost = log_.overflowed();
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_EQ(log_.overflowed(), lost);
  EXPECT_NE(log_.opening_of(tcp_), nullptr);
}

TEST_F(EventFlood, of_udp_takes_no_places_of_tcp) {
  for (const std::uint32_t uid : {4001U, 4002U, 4003U}) flood(Protocol::Udp, uid, EventLog::kCapacity / 2);
  const std::uint64_t lost = log_.overflowed();
  EXPECT_GE(lost, EventLog::kCapacity / 2) << "UDP is full";
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_EQ(log_.overflowed(), lost);
  EXPECT_NE(log_.opening_of(tcp_), nullptr);
}

TEST_F(EventFlood, is_over_when_polls_have_told_what_became_of_it) {
  flood(Protocol::Tcp, 4001, EventLog::kCapacity);
  const std::uint64_t lost = log_.overflowed();
  std::size_t gone = settle({}).size();
  while (!log_.empty()) gone += settle({}).size();
  EXPECT_EQ(gone, EventLog::kCapacity / 2);
  flood(Protocol::Tcp, 4001, 10);
  EXPECT_EQ(log_.overflowed(), lost) << "there is room again";
}

TEST_F(EventFlood, is_returned_in_parts_of_which_everybody_has_one) {
  flood(Protocol::Tcp, 4001, EventLog::kCapacity / 2);
  log_.accept(event(Kind::Opened, tcp_));
  log_.accept(event(Kind::Closed, tcp_));
  const Ports first = ports(settle({}));
  EXPECT_EQ(first.size(), EventLog::kMostAtOnce);
  EXPECT_NE(std::find(first.begin(), first.end(), tcp_.local.port), first.end());
  EXPECT_TRUE(log_.has_more());
}

TEST_F(EventLogTest, nobody_is_named_where_nothing_is_lost) {
  log_.accept(event(Kind::Opened, tcp_));
  EXPECT_FALSE(log_.lost_most());
}

TEST_F(EventLogTest, a_udp_socket_that_gets_a_peer_soon_is_a_client) {
  log_.accept(event(Kind::Bound, udp_));
  clock_.advance(100ms);  // it may lose the processor in between
  log_.accept(event(Kind::Connected, udp_));
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, a_udp_socket_that_gets_a_peer_late_has_waited_for_strangers) {
  log_.accept(event(Kind::Bound, udp_));
  clock_.advance(1s);
  const SocketEvent connected = event(Kind::Connected, udp_);
  log_.accept(connected);
  const auto vanished = settle({});
  ASSERT_EQ(ports(vanished), Ports{5353});
  EXPECT_EQ(vanished[0].closed, connected.time);
}

TEST_F(EventLogTest, a_udp_socket_that_is_closed_without_a_peer_has_waited_for_strangers) {
  log_.accept(event(Kind::Bound, udp_));
  log_.accept(event(Kind::Closed, udp_));
  EXPECT_EQ(ports(settle({})), Ports{5353});
}

TEST_F(EventLogTest, so_has_one_that_got_rid_of_its_peer_before) {
  log_.accept(event(Kind::Bound, udp_));
  log_.accept(event(Kind::Connected, udp_));
  log_.accept(event(Kind::Closed, udp_));
  EXPECT_EQ(ports(settle({})), Ports{5353});
}

TEST_F(EventLogTest, a_peer_of_a_socket_that_polls_have_shown_is_none_of_its_business) {
  log_.accept(event(Kind::Connected, udp_));
  EXPECT_TRUE(log_.empty());
}

TEST_F(EventLogTest, what_a_poll_shows_and_the_ledger_defers_stays_until_it_ends) {
  const std::vector<DeferredListener> deferred{{key_of(tcp_)}};
  log_.accept(event(Kind::Opened, tcp_));
  for (int polls = 0; polls < 3; ++polls) EXPECT_TRUE(log_.settle(look({tcp_}), deferred).empty());
  EXPECT_NE(log_.opening_of(tcp_), nullptr);
  const Snapshot shows_it = look({tcp_});
  log_.accept(event(Kind::Closed, tcp_));
  EXPECT_EQ(log_.settle(shows_it, deferred).size(), 1U);
}

}  // namespace
}  // namespace sockwatch
