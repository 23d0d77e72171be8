// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/sock_diag_source.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/fakes/scripted_channel.h"
#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;

constexpr std::array kTcp = {Protocol::Tcp};

std::size_t index(Protocol protocol) {
  return static_cast<std::size_t>(protocol);
}

constexpr Abilities kTwoWalks{.one_walk = false};

// Of a kernel that has no walk for both IP versions. A look for connections is one dump a family and IP
// version: tcp over IPv4, tcp over IPv6, udp over IPv4, udp over IPv6. One for listeners is two of each, for
// chosen and for assigned ports.
class SockDiag : public testing::Test {
 protected:
  // Good ends for the dumps that a test says nothing about.
  void answer_well(int times) {
    for (int i = 0; i < times; ++i) kernel_.answer({{wire::done(), 0}});
  }
  std::vector<std::uint64_t> cookies(LookKind kind) {
    std::vector<std::uint64_t> all;
    for (const SocketRecord& record : look(source_, kind)) all.push_back(record.id.cookie);
    return all;
  }
  bool complete(Protocol protocol) const { return source_.report().complete[index(protocol)]; }

  using Cookies = std::vector<std::uint64_t>;
  ScriptedChannel kernel_;
  SockDiagSource source_{kernel_, kTcpAndUdp, kTwoWalks};
};

TEST_F(SockDiag, hands_over_every_record_of_every_dump) {
  kernel_.answer({{wire::socket(1) + wire::socket(2), 0}, {wire::socket(3), 0}, {wire::done(), 0}});
  kernel_.answer({{wire::socket(4) + wire::done(), 0}});
  answer_well(1);
  kernel_.answer({{wire::socket(5), 0}, {wire::done(), 0}});
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1, 2, 3, 4, 5}));
  EXPECT_TRUE(complete(Protocol::Tcp));
  EXPECT_TRUE(complete(Protocol::Udp));
  EXPECT_FALSE(complete(Protocol::Sctp)) << "nobody asked for it";
  EXPECT_EQ(source_.report().result(), LookResult::Complete);
  EXPECT_FALSE(source_.busy());
}

TEST_F(SockDiag, a_record_carries_what_its_request_asked_for_and_where) {
  kernel_.answer({{wire::socket(1) + wire::done(), 0}});
  kernel_.answer({{wire::socket(2) + wire::done(), 0}});
  answer_well(2);
  kernel_.answer({{wire::socket(3) + wire::done(), 0}});
  answer_well(3);
  const auto records = look(source_, LookKind::Listeners);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].bind, Bind::Explicit);
  EXPECT_EQ(records[1].bind, Bind::Assigned);
  EXPECT_EQ(records[1].protocol, Protocol::Tcp);
  EXPECT_EQ(records[2].protocol, Protocol::Udp);
  for (const SocketRecord& record : records) EXPECT_EQ(record.id.name_space, kernel_.name_space());
}

TEST_F(SockDiag, asks_only_for_what_is_wanted) {
  SockDiagSource tcp_only(kernel_, kTcp, kTwoWalks);
  answer_well(2);
  look(tcp_only, LookKind::Connections);
  EXPECT_EQ(kernel_.requests().size(), 2U);
  EXPECT_EQ(tcp_only.report().result(), LookResult::Complete);
  EXPECT_FALSE(tcp_only.report().complete[index(Protocol::Udp)]);
}

TEST_F(SockDiag, tcp_connections_of_both_ip_versions_come_in_one_walk_where_the_kernel_has_it) {
  SockDiagSource source(kernel_, kTcp);
  kernel_.answer({{wire::socket(1, 0, TCPDIAG_GETSOCK), 0}, {wire::done(), 0}});
  EXPECT_EQ(look(source, LookKind::Connections).size(), 1U);
  EXPECT_EQ(kernel_.requests().size(), 1U);
  EXPECT_EQ(source.report().result(), LookResult::Complete);
}

TEST_F(SockDiag, a_kernel_without_the_one_walk_is_asked_for_two_from_then_on) {
  SockDiagSource source(kernel_, kTcp);
  kernel_.answer({{wire::error(ENOENT), 0}});
  kernel_.answer({{wire::socket(1) + wire::done(), 0}});
  kernel_.answer({{wire::socket(2) + wire::done(), 0}});
  EXPECT_EQ(look(source, LookKind::Connections).size(), 2U);
  EXPECT_EQ(source.report().result(), LookResult::Complete);
  answer_well(2);
  look(source, LookKind::Connections);
  EXPECT_EQ(kernel_.requests().size(), 5U);
}

TEST_F(SockDiag, an_error_in_mid_dump_makes_its_protocol_incomplete_and_no_other) {
  kernel_.answer({{wire::socket(1), 0}, {wire::error(ENOMEM), 0}});
  answer_well(1);
  kernel_.answer({{wire::socket(2) + wire::done(), 0}});
  answer_well(1);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1, 2}));
  EXPECT_FALSE(complete(Protocol::Tcp));
  EXPECT_TRUE(complete(Protocol::Udp));
  EXPECT_EQ(source_.report().unseen,
            (std::vector<Unseen>{{"tcp over IPv4", "sock_diag: Cannot allocate memory"}}));
  EXPECT_EQ(source_.report().result(), LookResult::Partial);
}

TEST_F(SockDiag, a_done_with_an_error_is_no_good_end) {
  kernel_.answer({{wire::socket(1) + wire::done(-EACCES), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1}));
  EXPECT_FALSE(complete(Protocol::Tcp));
  EXPECT_EQ(source_.report().unseen,
            (std::vector<Unseen>{{"tcp over IPv4", "sock_diag: Permission denied"}}));
}

TEST_F(SockDiag, what_cannot_end_a_dump_well_does_not) {
  kernel_.answer({{wire::message(NLMSG_ERROR, wire::of(std::int32_t{0})), 0}});          // an acknowledgement
  kernel_.answer({{wire::message(NLMSG_DONE, Buffer(2)), 0}});                           // cut short
  kernel_.answer({{wire::message(NLMSG_ERROR, {}), 0}});                                 // without its number
  kernel_.answer({{wire::message(NLMSG_ERROR, wire::of(std::int32_t{INT32_MIN})), 0}});  // not an errno
  look(source_, LookKind::Connections);
  ASSERT_EQ(source_.report().unseen.size(), 4U);
  for (const Unseen& unseen : source_.report().unseen) EXPECT_EQ(unseen.why, "sock_diag: Protocol error");
  EXPECT_EQ(source_.report().result(), LookResult::Failed);
}

TEST_F(SockDiag, an_interrupted_dump_is_not_complete_and_its_records_still_count) {
  kernel_.answer({{wire::socket(1, NLM_F_DUMP_INTR), 0}, {wire::socket(2) + wire::done(), 0}});
  kernel_.answer({{wire::message(NLMSG_DONE, wire::of(std::int32_t{0}), 0, NLM_F_DUMP_INTR), 0}});
  answer_well(2);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1, 2}));
  EXPECT_FALSE(complete(Protocol::Tcp));
  EXPECT_TRUE(complete(Protocol::Udp));
  EXPECT_EQ(source_.report().unseen,
            (std::vector<Unseen>{{"tcp over IPv4", "the dump was interrupted or damaged"},
                                 {"tcp over IPv6", "the dump was interrupted or damaged"}}));
}

TEST_F(SockDiag, a_datagram_too_long_for_the_buffer_is_lost_and_the_rest_goes_on) {
  kernel_.answer({{wire::socket(1), 0}, {{}, EMSGSIZE}, {wire::socket(2) + wire::done(), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1, 2}));
  EXPECT_FALSE(complete(Protocol::Tcp));
  EXPECT_EQ(source_.report().unseen.size(), 1U);
}

TEST_F(SockDiag, a_dump_that_stops_without_its_end_is_given_up) {
  kernel_.answer({{wire::socket(1), 0}});
  kernel_.answer({{{}, ENOBUFS}});
  answer_well(2);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1}));
  EXPECT_EQ(source_.report().unseen,
            (std::vector<Unseen>{{"tcp over IPv4", "receive: Resource temporarily unavailable"},
                                 {"tcp over IPv6", "receive: No buffer space available"}}));
  EXPECT_TRUE(complete(Protocol::Udp));
}

TEST_F(SockDiag, a_request_that_cannot_be_sent_fails_alone) {
  kernel_.fail_send(ENOBUFS);
  kernel_.answer({{wire::socket(2) + wire::done(), 0}});
  answer_well(2);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{2}));
  EXPECT_EQ(source_.report().unseen,
            (std::vector<Unseen>{{"tcp over IPv4", "send: No buffer space available"}}));
}

TEST_F(SockDiag, leftovers_of_an_earlier_dump_are_not_taken_for_this_one) {
  const std::uint32_t other = 0xDEAD;
  kernel_.answer({{wire::message(SOCK_DIAG_BY_FAMILY, Buffer(sizeof(inet_diag_msg)), other) +
                       wire::message(NLMSG_DONE, Buffer(4), other) +
                       wire::message(NLMSG_ERROR, wire::of(-std::int32_t{EINVAL}), other) + wire::socket(1),
                   0},
                  {wire::socket(2) + wire::done(), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1, 2}));
  EXPECT_EQ(source_.report().result(), LookResult::Complete);
  EXPECT_EQ(source_.report().malformed, 0U);
}

TEST_F(SockDiag, every_request_has_a_number_of_its_own) {
  answer_well(8);
  look(source_, LookKind::Connections);
  look(source_, LookKind::Connections);
  std::vector<std::uint32_t> sequences;
  for (const auto& request : kernel_.requests())
    sequences.push_back(read_struct<nlmsghdr>(request)->nlmsg_seq);
  EXPECT_EQ(sequences, (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(SockDiag, what_follows_the_end_of_a_dump_in_its_datagram_is_not_read) {
  kernel_.answer({{wire::done() + wire::socket(9) + wire::error(EACCES), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Connections), Cookies{});
  EXPECT_EQ(source_.report().result(), LookResult::Complete);
}

TEST_F(SockDiag, messages_of_other_types_are_skipped) {
  kernel_.answer(
      {{wire::message(NLMSG_NOOP, {}) + wire::message(4711, Buffer(8)) + wire::socket(1) + wire::done(), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1}));
  EXPECT_EQ(source_.report().result(), LookResult::Complete);
}

TEST_F(SockDiag, a_kernel_that_refuses_the_filter_is_asked_again_without) {
  kernel_.answer({{wire::error(EINVAL), 0}});
  kernel_.answer({{wire::socket(1) + wire::done(), 0}});
  answer_well(3);
  answer_well(4);
  const auto records = look(source_, LookKind::Listeners);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].bind, Bind::Unknown);
  EXPECT_EQ(source_.report().result(), LookResult::Complete);
  EXPECT_FALSE(source_.tells_binds_apart());
  EXPECT_EQ(kernel_.requests().size(), 1U + 4U);

  look(source_, LookKind::Listeners);
  EXPECT_EQ(kernel_.requests().size(), 1U + 4U + 4U) << "it is not asked with the filter again";
}

TEST_F(SockDiag, the_filter_may_be_refused_in_the_end_of_a_dump_or_late) {
  kernel_.answer({{wire::socket(1) + wire::done(), 0}});
  kernel_.answer({{wire::done(-EINVAL), 0}});
  kernel_.answer({{wire::socket(1) + wire::done(), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Listeners), (Cookies{1, 1})) << "the sink knows them by their cookies";
  EXPECT_EQ(source_.report().result(), LookResult::Complete);
}

TEST_F(SockDiag, a_refusal_without_a_filter_is_a_failure) {
  EXPECT_TRUE(source_.tells_binds_apart());
  for (int i = 0; i < 4; ++i) kernel_.answer({{wire::error(EINVAL), 0}});
  look(source_, LookKind::Connections);
  EXPECT_EQ(source_.report().result(), LookResult::Failed);
  EXPECT_TRUE(source_.tells_binds_apart());
}

TEST_F(SockDiag, a_protocol_the_kernel_does_not_know_is_unsupported) {
  answer_well(2);
  kernel_.answer({{wire::error(ENOENT), 0}});
  kernel_.answer({{wire::done(-ENOENT), 0}});
  look(source_, LookKind::Connections);
  EXPECT_TRUE(source_.report().unsupported[index(Protocol::Udp)]);
  EXPECT_FALSE(source_.report().unsupported[index(Protocol::Tcp)]);
  EXPECT_FALSE(complete(Protocol::Udp));
  EXPECT_TRUE(complete(Protocol::Tcp));
}

TEST_F(SockDiag, a_lying_length_costs_the_rest_of_its_datagram_and_completeness) {
  Buffer lying = wire::socket(2);
  const std::uint32_t length = 5000;
  std::memcpy(lying.data(), &length, sizeof(length));
  kernel_.answer({{wire::socket(1) + lying + wire::socket(3), 0}, {wire::socket(4) + wire::done(), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{1, 4}));
  EXPECT_EQ(source_.report().malformed, 1U);
  EXPECT_FALSE(complete(Protocol::Tcp));
}

TEST_F(SockDiag, a_record_that_cannot_be_decoded_is_skipped_and_costs_completeness) {
  kernel_.answer({{wire::message(SOCK_DIAG_BY_FAMILY, Buffer(8)) + wire::socket(2) + wire::done(), 0}});
  answer_well(3);
  EXPECT_EQ(cookies(LookKind::Connections), (Cookies{2}));
  EXPECT_EQ(source_.report().malformed, 1U);
  EXPECT_FALSE(complete(Protocol::Tcp));
  EXPECT_TRUE(complete(Protocol::Udp));
}

TEST_F(SockDiag, a_step_receives_no_more_datagrams_than_allowed) {
  for (std::uint32_t dump = 0; dump < 4; ++dump) {
    kernel_.answer({{wire::socket(dump + 1), 0}, {wire::socket(dump + 11), 0}, {wire::done(), 0}});
  }
  RecordList list;
  source_.start(LookKind::Connections);
  EXPECT_TRUE(source_.step(list, 0));
  EXPECT_TRUE(list.records.empty());
  for (int datagram = 1; datagram < 12; ++datagram) {
    EXPECT_TRUE(source_.step(list, 1)) << datagram;
    EXPECT_EQ(list.records.size(), static_cast<std::size_t>((datagram + 2) / 3 + (datagram + 1) / 3))
        << datagram;
  }
  EXPECT_FALSE(source_.step(list, 1));
  EXPECT_FALSE(source_.step(list, 1)) << "nothing is left";
  EXPECT_EQ(kernel_.requests().size(), 4U);
}

TEST_F(SockDiag, a_large_budget_takes_the_whole_look_at_once) {
  answer_well(4);
  RecordList list;
  source_.start(LookKind::Connections);
  EXPECT_FALSE(source_.step(list, 100));
}

TEST_F(SockDiag, starting_while_a_look_is_under_way_changes_nothing) {
  kernel_.answer({{wire::socket(1), 0}, {wire::done(), 0}});
  answer_well(3);
  RecordList list;
  source_.start(LookKind::Connections);
  source_.step(list, 1);
  source_.start(LookKind::Listeners);
  while (source_.step(list, 1)) {
  }
  EXPECT_EQ(list.records.size(), 1U);
  EXPECT_EQ(kernel_.requests().size(), 4U);
}

TEST_F(SockDiag, the_next_look_starts_with_a_clean_report) {
  kernel_.answer({{wire::error(ENOENT), 0}});
  kernel_.answer({{wire::message(SOCK_DIAG_BY_FAMILY, {}) + wire::done(), 0}});
  answer_well(2 + 4);
  look(source_, LookKind::Connections);
  EXPECT_EQ(source_.report().unseen.size(), 2U);
  look(source_, LookKind::Connections);
  EXPECT_EQ(source_.report().result(), LookResult::Complete);
  EXPECT_EQ(source_.report().malformed, 0U);
  EXPECT_FALSE(source_.report().unsupported[index(Protocol::Tcp)]);
}

// TCP in four dumps, MPTCP in two, UNIX sockets in one.
constexpr std::array kWithMptcp = {Protocol::Tcp, Protocol::Mptcp, Protocol::Unix};

std::size_t dumps(Breadth breadth, TcpListenersMet& met, const std::vector<std::uint32_t>& tcp) {
  ScriptedChannel kernel;
  Buffer sockets;
  for (const std::uint32_t cookie : tcp) sockets = sockets + wire::socket(cookie);
  kernel.answer({{sockets + wire::done(), 0}});
  for (int i = 0; i < 8; ++i) kernel.answer({{wire::done(), 0}});
  SockDiagSource source(kernel, kWithMptcp, {}, &met);
  RecordList list;
  met.start_round();
  source.start(LookKind::Listeners, breadth);
  while (source.step(list, 1)) continue;
  EXPECT_TRUE(source.report().unseen.empty());
  return kernel.requests().size();
}

TEST(SockDiagPace, mptcp_is_asked_for_only_when_tcp_shows_a_new_listener) {
  TcpListenersMet met;
  EXPECT_EQ(dumps(Breadth::All, met, {}), 5U);
  EXPECT_EQ(dumps(Breadth::All, met, {1}), 7U);
  EXPECT_EQ(dumps(Breadth::All, met, {1}), 5U);
  EXPECT_EQ(dumps(Breadth::Frequent, met, {1}), 4U);
  EXPECT_EQ(dumps(Breadth::Frequent, met, {1, 2}), 6U);
  EXPECT_EQ(dumps(Breadth::Frequent, met, {2}), 4U);
  EXPECT_EQ(dumps(Breadth::Frequent, met, {1, 2}), 6U);  // it was gone, and its cookie proves nothing
}

TEST(SockDiagPace, a_family_without_a_handler_is_no_gap_and_can_be_given_up) {
  constexpr std::array kUnix = {Protocol::Unix};
  ScriptedChannel kernel;
  kernel.answer({{wire::error(ENOENT), 0}});
  SockDiagSource source(kernel, kUnix);
  EXPECT_TRUE(look(source, LookKind::Listeners).empty());
  EXPECT_TRUE(source.report().unseen.empty());
  EXPECT_TRUE(source.report().unsupported[index(Protocol::Unix)]);
  EXPECT_FALSE(source.report().complete[index(Protocol::Unix)]);
  source.give_up(Protocol::Unix);
  EXPECT_TRUE(look(source, LookKind::Listeners).empty());
  EXPECT_EQ(kernel.requests().size(), 1U);
}

}  // namespace
}  // namespace sockwatch
