// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/replay_channel.h"

#include <gtest/gtest.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;

Buffer question(std::uint8_t name, std::uint32_t sequence) {
  const DumpRequest request{Protocol::Tcp, Bind::Unknown, "", Buffer(72, std::byte{name})};
  return encode(request, sequence);
}

RecordedLook a_look(std::vector<Exchange> exchanges) {
  return {LookKind::Listeners, {}, NamespaceId{4189}, std::move(exchanges)};
}

// The next datagram's first message, which must be there.
Message next_message(Channel& channel) {
  const auto datagram = channel.receive();
  EXPECT_TRUE(datagram.ok());
  return MessageWalk(*datagram).next().value();
}

void expect_refusal(Channel& channel, int code) {
  const Message message = next_message(channel);
  EXPECT_TRUE(message.is_error());
  EXPECT_EQ(message.error(), code);
}

TEST(Replay, the_same_question_gets_the_recorded_answer_under_its_own_number) {
  Capture capture;
  const Buffer answer = wire::message(1000, {}, 5) + wire::message(1001, Buffer(4), 5);
  capture.looks = {a_look({{question(1, 5), {{answer, 0}, {wire::message(NLMSG_DONE, Buffer(4), 5), 0}}}})};
  ReplayChannel channel(capture);
  ASSERT_TRUE(channel.send(question(1, 77)).ok());
  const auto first = channel.receive();
  ASSERT_TRUE(first.ok());
  MessageWalk walk(*first);
  for (const int type : {1000, 1001}) {
    const auto message = walk.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type, type);
    EXPECT_EQ(message->sequence, 77U);
  }
  EXPECT_EQ(next_message(channel).sequence, 77U);
  EXPECT_EQ(channel.receive().error().code, EAGAIN);
}

TEST(Replay, another_question_is_refused_like_an_unknown_protocol) {
  Capture capture;
  capture.looks = {a_look({{question(1, 5), {}}})};
  ReplayChannel channel(capture);
  Buffer other_flags = question(1, 9);
  other_flags[6] = std::byte{0};
  Buffer longer = question(1, 9) + Buffer(4);
  for (const Buffer& request : {question(2, 9), other_flags, longer}) {
    ASSERT_TRUE(channel.send(request).ok());
    const Message message = next_message(channel);
    EXPECT_EQ(message.error(), ENOENT);
    EXPECT_EQ(message.sequence, 9U);
    EXPECT_EQ(channel.receive().error().code, EAGAIN);
  }
}

TEST(Replay, a_recorded_exchange_answers_once_and_again_when_played_again) {
  Capture capture;
  capture.looks = {
      a_look({{question(1, 5), {{wire::message(1000, {}), 0}}}, {question(1, 6), {{{}, ENOBUFS}}}})};
  ReplayChannel channel(capture);
  for (int time = 0; time < 2; ++time) {
    ASSERT_TRUE(channel.send(question(1, 1)).ok());
    EXPECT_EQ(next_message(channel).type, 1000);
    ASSERT_TRUE(channel.send(question(1, 2)).ok());
    EXPECT_EQ(channel.receive().error().code, ENOBUFS);
    ASSERT_TRUE(channel.send(question(1, 3)).ok());
    expect_refusal(channel, ENOENT);
    channel.play(0);
  }
}

TEST(Replay, plays_the_look_it_is_told_to) {
  Capture capture;
  capture.looks = {
      a_look({{question(1, 5), {{wire::message(1000, {}), 0}}}}),
      {LookKind::Listeners, {}, NamespaceId{7}, {{question(1, 5), {{wire::message(1001, {}), 0}}}}}};
  ReplayChannel channel(capture);
  EXPECT_EQ(channel.name_space(), NamespaceId{4189});
  channel.play(1);
  EXPECT_EQ(channel.name_space(), NamespaceId{7});
  ASSERT_TRUE(channel.send(question(1, 1)).ok());
  EXPECT_EQ(next_message(channel).type, 1001);
}

TEST(Replay, a_new_question_drops_what_was_left_of_the_last_answer) {
  Capture capture;
  capture.looks = {a_look({{question(1, 5), {{wire::message(1000, {}), 0}, {wire::message(1001, {}), 0}}},
                           {question(2, 6), {{wire::message(1002, {}), 0}}}})};
  ReplayChannel channel(capture);
  ASSERT_TRUE(channel.send(question(1, 1)).ok());
  EXPECT_EQ(next_message(channel).type, 1000);
  ASSERT_TRUE(channel.send(question(2, 2)).ok());
  EXPECT_EQ(next_message(channel).type, 1002);
}

TEST(Replay, damage_in_the_recording_stays_damage) {
  Buffer lying = wire::message(1000, Buffer(8));
  for (const std::uint32_t length : {0U, 15U, 25U, 0xFFFFFFFFU}) {
    std::memcpy(lying.data(), &length, sizeof(length));
    Capture capture;
    capture.looks = {a_look({{question(1, 5), {{lying, 0}, {Buffer(7), 0}, {{}, 0}}}})};
    ReplayChannel channel(capture);
    ASSERT_TRUE(channel.send(question(1, 1)).ok());
    for (const bool malformed : {true, true, false}) {
      const auto datagram = channel.receive();
      ASSERT_TRUE(datagram.ok());
      MessageWalk walk(*datagram);
      EXPECT_FALSE(walk.next());
      EXPECT_EQ(walk.malformed(), malformed);
    }
  }
}

TEST(Replay, a_request_without_a_whole_header_is_an_error) {
  Capture capture;
  capture.looks = {a_look({})};
  ReplayChannel channel(capture);
  for (std::size_t size = 0; size < sizeof(nlmsghdr); ++size) {
    EXPECT_EQ(channel.send(Buffer(size)).error().code, EINVAL) << size;
  }
}

class BareReplay : public testing::Test {
 protected:
  Capture capture_ = fixture("ss-dump.bin");
  ReplayChannel channel_{capture_};
};

TEST_F(BareReplay, knows_no_filter_and_no_other_protocol) {
  for (const Family& family : families()) {
    for (const DumpRequest& request : family.requests(LookKind::Listeners, Abilities{})) {
      ASSERT_TRUE(channel_.send(encode(request, 1)).ok());
      expect_refusal(channel_, family.protocol == Protocol::Tcp ? EINVAL : ENOENT);
    }
  }
  ASSERT_TRUE(channel_.send(encode({}, 1)).ok());
  expect_refusal(channel_, ENOENT);
}

TEST_F(BareReplay, tells_listeners_with_an_unknown_bind) {
  constexpr std::array kTcp = {Protocol::Tcp};
  SockDiagSource source(channel_, kTcp);
  const auto listeners = look(source, LookKind::Listeners);
  EXPECT_EQ(source.report().result(), LookResult::Complete);
  EXPECT_FALSE(source.tells_binds_apart());
  // ss does not ask for memory, so nothing is known of drops.
  const std::vector<std::string> some = {
      "tcp 0.0.0.0%1:8021 unknown uid=0 0/16",    "tcp 10.1.2.3:8017 unknown uid=0 0/16",
      "tcp 127.0.0.1:8020 unknown uid=1000 0/16", "tcp 127.0.0.1:8020 unknown uid=1000 0/32",
      "tcp [::]:8013 unknown uid=0 0/16 v6only",
  };
  const auto all = described(listeners, describe_listener);
  EXPECT_EQ(all.size(), 21U);
  EXPECT_TRUE(std::includes(all.begin(), all.end(), some.begin(), some.end())) << testing::PrintToString(all);
}

TEST_F(BareReplay, tells_connections_as_often_as_it_is_asked) {
  constexpr std::array kTcp = {Protocol::Tcp};
  SockDiagSource source(channel_, kTcp);
  for (int time = 0; time < 2; ++time) {
    const auto connections = described(look(source, LookKind::Connections), describe_connection);
    EXPECT_EQ(connections.size(), 18U);
    EXPECT_EQ(connections.back(), "tcp time-wait 127.0.0.1:20003 127.0.0.1:8001 0/0 no-inode");
  }
}

TEST_F(BareReplay, asked_for_no_state_it_tells_of_none) {
  inet_diag_req_v2 body{};
  body.sdiag_family = AF_INET;
  body.sdiag_protocol = IPPROTO_TCP;
  ASSERT_TRUE(channel_.send(encode({Protocol::Tcp, Bind::Unknown, "", wire::of(body)}, 3)).ok());
  const Message message = next_message(channel_);
  EXPECT_TRUE(message.ends_dump());
  EXPECT_EQ(message.error(), 0);
  EXPECT_EQ(message.sequence, 3U);
}

// A dump with an end, for each of two sockets; what `change` makes of it.
struct Damaged {
  const char* what;
  Buffer file;
  bool complete;
};

Buffer tcp_message(std::uint16_t type, std::uint8_t family) {
  inet_diag_msg body{};
  body.idiag_family = family;
  body.idiag_state = 10;
  Buffer bytes(sizeof body);
  std::memcpy(bytes.data(), &body, sizeof body);
  return wire::message(type, bytes, 1);
}

Buffer interrupted(Buffer message) {
  message[6] = std::byte{NLM_F_DUMP_INTR};
  return message;
}

TEST(BareCapture, proves_something_only_where_every_dump_ended_well) {
  const Buffer v4 = tcp_message(SOCK_DIAG_BY_FAMILY, AF_INET);
  const Buffer v6 = tcp_message(SOCK_DIAG_BY_FAMILY, AF_INET6);
  const Buffer old = tcp_message(18, AF_INET);
  const Buffer end = wire::message(NLMSG_DONE, Buffer(4), 1);
  const Buffer bad(4, std::byte{0xFC});  // -50529028: some error
  const Damaged cases[] = {
      {"two whole dumps", v4 + end + v6 + end, true},
      {"one of an old kernel", old + end + end, true},
      {"cut between two messages", v4 + v4, false},
      {"cut before the end of the second", v4 + end + v6, false},
      {"cut inside of a message", v4 + end + v6 + end + Buffer(7, std::byte{1}), false},
      {"an end with an error", v4 + wire::message(NLMSG_DONE, bad, 1), false},
      {"an error in the middle", v4 + wire::message(NLMSG_ERROR, bad + Buffer(16), 1) + v4 + end + end,
       false},
      {"interrupted", interrupted(v4) + end + end, false},
      {"with messages of another family", wire::message(16, Buffer(16), 1) + v4 + end + end, false},
  };
  for (const Damaged& each : cases) {
    const auto capture = parse_capture(each.file);
    ASSERT_TRUE(capture.ok()) << each.what;
    EXPECT_EQ(capture->damage.empty(), each.complete) << each.what << ": " << capture->damage;
  }
  EXPECT_FALSE(parse_capture(wire::message(16, Buffer(16), 1)).ok()) << "nothing of it is a socket";
}

TEST(BareCapture, a_family_without_a_dump_is_not_complete) {
  const Buffer file = tcp_message(18, AF_INET) + wire::message(NLMSG_DONE, Buffer(4), 1);
  const Capture capture = *parse_capture(file);
  ReplayChannel channel(capture);
  for (const int family : {AF_INET, AF_INET6}) {
    inet_diag_req_v2 ask{};
    ask.sdiag_family = static_cast<std::uint8_t>(family);
    ask.sdiag_protocol = IPPROTO_TCP;
    ask.idiag_states = ~0U;
    Buffer body(sizeof ask);
    std::memcpy(body.data(), &ask, sizeof ask);
    ASSERT_TRUE(channel.send(encode({Protocol::Tcp, Bind::Unknown, "", body}, 1)).ok());
    if (family == AF_INET) {
      EXPECT_EQ(next_message(channel).type, SOCK_DIAG_BY_FAMILY) << "as a kernel of today says it";
    }
    const Message last = next_message(channel);
    EXPECT_TRUE(last.ends_dump());
    EXPECT_EQ(last.error(), family == AF_INET ? 0 : EINTR);
  }
}

}  // namespace
}  // namespace sockwatch
