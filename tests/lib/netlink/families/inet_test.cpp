// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/inet.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/netlink/replay_channel.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;

std::vector<SocketRecord> replayed(const std::string& name, LookKind kind) {
  const Capture capture = fixture(name);
  ReplayChannel channel(capture);
  SockDiagSource source(channel, kTcpAndUdp);
  auto records = look(source, kind);
  EXPECT_EQ(source.report().result(), LookResult::Complete);
  EXPECT_EQ(source.report().malformed, 0U);
  return records;
}

// What capture.py opens. v4-mapped addresses are IPv4; the kernel calls every other IPv6 address but ::
// v6only.
TEST(Fixture, every_listener_is_told_with_its_address_bind_owner_and_queue) {
  const std::vector<std::string> expected = {
      "tcp 0.0.0.0%1:8021 explicit uid=0 0/16",  // SO_BINDTODEVICE
      "tcp 0.0.0.0:* assigned uid=0 0/16",       // listen() without bind()
      "tcp 0.0.0.0:8002 explicit uid=0 0/16",
      "tcp 10.1.2.3:8003 explicit uid=0 0/16",
      "tcp 10.1.2.3:8017 explicit uid=0 0/16",  // ::ffff:10.1.2.3
      "tcp 100.64.3.4:8004 explicit uid=0 0/16",
      "tcp 127.0.0.1:* assigned uid=0 0/16",
      "tcp 127.0.0.1:8001 explicit uid=0 1/16",     // one waits for accept()
      "tcp 127.0.0.1:8020 explicit uid=1000 0/16",  // SO_REUSEPORT
      "tcp 127.0.0.1:8020 explicit uid=1000 0/32",
      "tcp 127.0.0.1:8030 explicit uid=0 2/1 drops",   // an overflow
      "tcp 127.0.0.1:8031 explicit uid=0 0/16 drops",  // TCP_DEFER_ACCEPT drops a handshake's bare ACK
      "tcp 169.254.7.7:8005 explicit uid=0 0/16",
      "tcp 192.88.99.5:8006 explicit uid=0 0/16",
      "tcp [::1]:* assigned uid=0 0/16 v6only",
      "tcp [::1]:8011 explicit uid=0 0/16 v6only",
      "tcp [::]:8012 explicit uid=0 0/16",
      "tcp [::]:8013 explicit uid=0 0/16 v6only",
      "tcp [fd00::1]:8014 explicit uid=0 0/16 v6only",
      "tcp [fe80::1%1]:8015 explicit uid=0 0/16 v6only",
      "tcp [fec0::1]:8016 explicit uid=0 0/16 v6only",
      "udp 0.0.0.0:* assigned uid=0",  // sendto() without bind()
      "udp 0.0.0.0:9002 explicit uid=1000",
      "udp 10.1.2.3:9006 explicit uid=0",
      "udp 127.0.0.1:* assigned uid=0",
      "udp 127.0.0.1:9001 explicit uid=0 waiting",
      "udp 127.0.0.1:9008 explicit uid=0 waiting drops",
      "udp 224.0.0.251:9005 explicit uid=0",
      "udp [::]:9003 explicit uid=0",
      "udp [::]:9004 explicit uid=0 v6only",
      "udp [fe80::1%1]:9007 explicit uid=0 v6only",
  };
  EXPECT_EQ(described(replayed("listeners.swcap", LookKind::Listeners), describe_listener), expected);
}

TEST(Fixture, every_connection_is_told_with_its_state_and_both_ends) {
  const std::vector<std::string> expected = {
      "tcp close-wait 127.0.0.1:8001 127.0.0.1:20002 1/0",
      "tcp established 127.0.0.1:20001 127.0.0.1:8001 0/0",
      "tcp established 127.0.0.1:20004 127.0.0.1:8001 0/0",
      "tcp established 127.0.0.1:20006 127.0.0.1:8012 0/0",
      "tcp established 127.0.0.1:20007 127.0.0.1:8031 0/0",
      "tcp established 127.0.0.1:20008 127.0.0.1:8030 0/0",
      "tcp established 127.0.0.1:20009 127.0.0.1:8030 0/0",
      "tcp established 127.0.0.1:8001 127.0.0.1:20001 5/0",           // unread
      "tcp established 127.0.0.1:8001 127.0.0.1:20004 0/0 no-inode",  // not accepted
      "tcp established 127.0.0.1:8012 127.0.0.1:20006 0/0",           // IPv4 on a :: listener
      "tcp established 127.0.0.1:8030 127.0.0.1:20008 0/0 no-inode",
      "tcp established 127.0.0.1:8030 127.0.0.1:20009 0/0 no-inode",
      "tcp established [::1]:20005 [::1]:8011 0/0",
      "tcp established [::1]:8011 [::1]:20005 0/0",
      "tcp fin-wait-2 127.0.0.1:20002 127.0.0.1:8001 0/0",
      "tcp syn-recv 127.0.0.1:8031 127.0.0.1:20007 0/0 no-inode",  // TCP_DEFER_ACCEPT
      "tcp syn-sent 127.0.0.1:20010 127.0.0.1:8030 0/1",           // the overflow
      "tcp time-wait 127.0.0.1:20003 127.0.0.1:8001 0/0 no-inode",
      "udp established 127.0.0.1:9101 127.0.0.1:9001",
      "udp established [::1]:9102 [::1]:9003",
  };
  EXPECT_EQ(described(replayed("connections.swcap", LookKind::Connections), describe_connection), expected);
}

TEST(Fixture, every_socket_has_a_cookie_of_its_own_in_its_namespace) {
  const auto listeners = replayed("listeners.swcap", LookKind::Listeners);
  std::set<std::uint64_t> cookies;
  for (const SocketRecord& record : listeners) {
    EXPECT_NE(record.id.name_space, NamespaceId{});
    EXPECT_NE(record.inode, 0U);
    EXPECT_NE(record.cgroup_id, 0U);
    EXPECT_TRUE(is_listener(record));
    cookies.insert(record.id.cookie);
  }
  EXPECT_EQ(cookies.size(), listeners.size());
  EXPECT_FALSE(cookies.contains(0));
}

TEST(Fixture, whether_a_listener_is_transparent_is_told) {
  for (const SocketRecord& record : replayed("listeners.swcap", LookKind::Listeners))
    EXPECT_EQ(record.transparent, std::optional(false));
}

TEST(Fixture, a_connections_bind_is_never_claimed_to_be_known) {
  for (const SocketRecord& record : replayed("connections.swcap", LookKind::Connections)) {
    EXPECT_EQ(record.bind, Bind::Unknown);
    EXPECT_FALSE(is_listener(record));
  }
}

// inet_diag_req_v2: family, protocol, extensions, padding, states; then an empty address.
std::string question(std::string_view head, std::string_view states, std::string_view filter) {
  return std::string(head) + std::string(states) + std::string(96, '0') + std::string(filter);
}

constexpr std::string_view kExplicit =
    "0c000100"
    "06040800"
    "01040800";  // AUTO on to 4, else 8; JMP 8
constexpr std::string_view kAssigned =
    "08000100"
    "06040800";
// The same behind D_LE 0: on to what follows, else past the end.
constexpr std::string_view kExplicitToAnyPort =
    "14000100"
    "05081400"
    "00000000"
    "06040800"
    "01040800";
constexpr std::string_view kAssignedToAnyPort =
    "10000100"
    "05081000"
    "00000000"
    "06040800";
constexpr std::string_view kListen = "00040000";
constexpr std::string_view kClose = "80000000";
constexpr std::string_view kEstablished = "02000000";
constexpr std::string_view kCloseOrEstablished = "82000000";
constexpr std::string_view kAllButListenAndClose = "7e0b0000";

struct Expected {
  Bind bind;
  std::string what;
  std::string body;
};

void expect_requests(const std::vector<DumpRequest>& requests, Protocol protocol,
                     const std::vector<Expected>& expected) {
  ASSERT_EQ(requests.size(), expected.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].protocol, protocol);
    EXPECT_EQ(requests[i].bind, expected[i].bind);
    EXPECT_EQ(requests[i].what, expected[i].what);
    EXPECT_EQ(wire::hex(requests[i].body), expected[i].body);
  }
}

TEST(InetRequests, listeners_are_asked_for_by_bind_and_with_memory_for_the_drops) {
  expect_requests(inet::tcp_requests(LookKind::Listeners, Abilities{}), Protocol::Tcp,
                  {{Bind::Explicit, "tcp over IPv4", question("02064000", kListen, kExplicit)},
                   {Bind::Assigned, "tcp over IPv4", question("02064000", kListen, kAssigned)},
                   {Bind::Explicit, "tcp over IPv6", question("0a064000", kListen, kExplicit)},
                   {Bind::Assigned, "tcp over IPv6", question("0a064000", kListen, kAssigned)}});
  expect_requests(
      inet::udp_requests(LookKind::Listeners, Abilities{}), Protocol::Udp,
      {{Bind::Explicit, "udp over IPv4", question("02114000", kCloseOrEstablished, kExplicitToAnyPort)},
       {Bind::Assigned, "udp over IPv4", question("02114000", kCloseOrEstablished, kAssignedToAnyPort)},
       {Bind::Explicit, "udp over IPv6", question("0a114000", kCloseOrEstablished, kExplicitToAnyPort)},
       {Bind::Assigned, "udp over IPv6", question("0a114000", kCloseOrEstablished, kAssignedToAnyPort)}});
}

// Recordings of before that filter was asked for hold the answers to these questions.
TEST(InetRequests, without_the_peer_filter_udp_is_asked_for_what_has_no_peer) {
  expect_requests(inet::udp_requests(LookKind::Listeners, Abilities{.peer_filter = false}), Protocol::Udp,
                  {{Bind::Explicit, "udp over IPv4", question("02114000", kClose, kExplicit)},
                   {Bind::Assigned, "udp over IPv4", question("02114000", kClose, kAssigned)},
                   {Bind::Explicit, "udp over IPv6", question("0a114000", kClose, kExplicit)},
                   {Bind::Assigned, "udp over IPv6", question("0a114000", kClose, kAssigned)}});
}

TEST(InetRequests, without_the_filter_one_dump_a_family_remains) {
  expect_requests(inet::tcp_requests(LookKind::Listeners, Abilities{.bind_filter = false}), Protocol::Tcp,
                  {{Bind::Unknown, "tcp over IPv4", question("02064000", kListen, "")},
                   {Bind::Unknown, "tcp over IPv6", question("0a064000", kListen, "")}});
  expect_requests(inet::udp_requests(LookKind::Listeners, Abilities{.bind_filter = false}), Protocol::Udp,
                  {{Bind::Unknown, "udp over IPv4", question("02114000", kClose, "")},
                   {Bind::Unknown, "udp over IPv6", question("0a114000", kClose, "")}});
}

TEST(InetRequests, connections_are_asked_for_without_listeners_filter_or_extras) {
  for (const bool one_walk : {true, false}) {
    expect_requests(inet::udp_requests(LookKind::Connections, Abilities{.one_walk = one_walk}), Protocol::Udp,
                    {{Bind::Unknown, "udp over IPv4", question("02110000", kEstablished, "")},
                     {Bind::Unknown, "udp over IPv6", question("0a110000", kEstablished, "")}});
  }
  expect_requests(inet::tcp_requests(LookKind::Connections, Abilities{.one_walk = false}), Protocol::Tcp,
                  {{Bind::Unknown, "tcp over IPv4", question("02060000", kAllButListenAndClose, "")},
                   {Bind::Unknown, "tcp over IPv6", question("0a060000", kAllButListenAndClose, "")}});
}

TEST(InetRequests, tcp_connections_of_both_families_are_asked_for_in_one_walk) {
  const auto requests = inet::tcp_requests(LookKind::Connections, Abilities{});
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].type, TCPDIAG_GETSOCK);
  EXPECT_EQ(requests[0].needs, &Abilities::one_walk);
  const auto body = read_struct<inet_diag_req>(requests[0].body);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->idiag_states, 0x0B7EU);
}

// The payload of the captured listener on this port, of the dump over IPv6 with chosen ports.
Buffer captured_payload(std::uint16_t port) {
  for (const auto& datagram : datagrams_of("listeners.swcap")) {
    MessageWalk walk{Bytes(datagram)};
    while (const auto message = walk.next()) {
      const auto fixed = read_struct<inet_diag_msg>(message->payload);
      if (fixed && ntohs(fixed->id.idiag_sport) == port)
        return {message->payload.begin(), message->payload.end()};
    }
  }
  throw std::invalid_argument("no such listener");
}

const DumpRequest kRequest{Protocol::Tcp, Bind::Explicit, "tcp", {}};

TEST(InetDecode, what_the_kernel_did_not_say_now_is_not_left_from_before) {
  SocketRecord record = listening(Protocol::Udp, "::1", 1, 1);
  record.drops = 5;
  record.v6only = true;
  record.cgroup_id = 7;
  Buffer bare = captured_payload(8002);
  bare.resize(sizeof(inet_diag_msg));
  ASSERT_TRUE(inet::decode(kRequest, bare, record));
  EXPECT_EQ(describe_listener(record), "tcp 0.0.0.0:8002 explicit uid=0 0/16");
  EXPECT_EQ(record.cgroup_id, 0U);
}

TEST(InetDecode, every_field_lies_where_the_kernel_puts_it) {
  inet_diag_msg fixed{};
  fixed.idiag_family = AF_INET;
  fixed.idiag_state = 1;
  fixed.id.idiag_sport = htons(0x1234);
  fixed.id.idiag_dport = htons(0x5678);
  fixed.id.idiag_src[0] = htonl(0x0A010203);
  fixed.id.idiag_dst[0] = htonl(0xC0000201);
  fixed.id.idiag_if = 9;
  fixed.id.idiag_cookie[0] = 0x9ABCDEF0;
  fixed.id.idiag_cookie[1] = 0x12345678;
  fixed.idiag_rqueue = 3;
  fixed.idiag_wqueue = 4;
  fixed.idiag_uid = 0xFFFFFFFE;
  fixed.idiag_inode = 0xFFFFFFFF;
  std::uint32_t memory[9] = {};
  memory[8] = 0xFFFFFFFD;
  const Buffer payload = wire::of(fixed) + wire::attribute(INET_DIAG_SKMEMINFO, wire::of(memory)) +
                         wire::attribute(INET_DIAG_CGROUP_ID, wire::of(std::uint64_t{1} << 63)) +
                         wire::attribute(INET_DIAG_SKV6ONLY, wire::of(std::uint8_t{1}));
  SocketRecord record;
  ASSERT_TRUE(inet::decode(kRequest, payload, record));
  EXPECT_EQ(record.id.cookie, 0x123456789ABCDEF0U);
  EXPECT_EQ(record.local, (Endpoint{ip("10.1.2.3"), 0x1234, 9}));
  EXPECT_EQ(record.remote, (Endpoint{ip("192.0.2.1"), 0x5678, 0}));
  EXPECT_EQ(record.state, SocketState::Established);
  EXPECT_EQ(record.receive_queue, 3U);
  EXPECT_EQ(record.send_queue, 4U);
  EXPECT_EQ(record.uid, 0xFFFFFFFEU);
  EXPECT_EQ(record.inode, 0xFFFFFFFFU);
  EXPECT_EQ(record.drops, 0xFFFFFFFDU);
  EXPECT_EQ(record.cgroup_id, std::uint64_t{1} << 63);
  EXPECT_TRUE(record.v6only);
}

TEST(InetDecode, attributes_count_in_any_order_and_among_unknown_ones) {
  const Buffer payload = captured_payload(8013);
  std::vector<Buffer> attributes;
  AttributeWalk walk(Bytes(payload).subspan(sizeof(inet_diag_msg)));
  while (const auto found = walk.next()) {
    attributes.push_back(wire::attribute(found->type, {found->payload.begin(), found->payload.end()}));
  }
  SocketRecord expected;
  ASSERT_TRUE(inet::decode(kRequest, payload, expected));
  ASSERT_TRUE(expected.v6only && expected.cgroup_id != 0);

  Buffer reversed(payload.begin(), payload.begin() + sizeof(inet_diag_msg));
  for (auto each = attributes.rbegin(); each != attributes.rend(); ++each) {
    reversed = reversed + wire::attribute(0x3FFF, Buffer(5)) + *each + wire::attribute(200, {});
  }
  SocketRecord record;
  ASSERT_TRUE(inet::decode(kRequest, reversed, record));
  EXPECT_EQ(record.v6only, expected.v6only);
  EXPECT_EQ(record.cgroup_id, expected.cgroup_id);
  EXPECT_EQ(describe_listener(record), describe_listener(expected));
}

TEST(InetDecode, an_attribute_of_another_size_says_nothing) {
  const Buffer fixed = wire::of(*read_struct<inet_diag_msg>(captured_payload(8002)));
  for (const std::size_t size : {0U, 4U, 7U, 32U, 35U}) {
    const Buffer value(size, std::byte{0xFF});
    SocketRecord record;
    ASSERT_TRUE(inet::decode(kRequest, fixed + wire::attribute(INET_DIAG_SKMEMINFO, value), record));
    EXPECT_EQ(record.drops, 0U) << size;
    ASSERT_TRUE(
        inet::decode(kRequest, fixed + wire::attribute(INET_DIAG_CGROUP_ID, Buffer(size % 8)), record));
    EXPECT_EQ(record.cgroup_id, 0U) << size;
  }
  SocketRecord record;
  ASSERT_TRUE(inet::decode(kRequest, fixed + wire::attribute(INET_DIAG_SKV6ONLY, {}), record));
  EXPECT_FALSE(record.v6only);
  // Newer kernels may say more behind what we know.
  ASSERT_TRUE(
      inet::decode(kRequest, fixed + wire::attribute(INET_DIAG_SKMEMINFO, Buffer(64, std::byte{1})), record));
  EXPECT_EQ(record.drops, 0x01010101U);
}

TEST(InetDecode, a_record_that_lies_about_a_length_is_refused) {
  const Buffer payload = captured_payload(8002);
  for (std::size_t cut = 0; cut < sizeof(inet_diag_msg); ++cut) {
    SocketRecord record;
    EXPECT_FALSE(inet::decode(kRequest, Bytes(payload).first(cut), record)) << cut;
  }
  Buffer lying = payload;
  lying[sizeof(inet_diag_msg)] = std::byte{3};  // the first attribute's length
  SocketRecord record;
  EXPECT_FALSE(inet::decode(kRequest, lying, record));
}

TEST(InetDecode, another_family_or_a_state_without_a_word_is_refused) {
  inet_diag_msg fixed = *read_struct<inet_diag_msg>(captured_payload(8002));
  SocketRecord record;
  for (const int family : {0, AF_UNIX, AF_INET + 1, AF_INET6 + 1, 255}) {
    fixed.idiag_family = static_cast<std::uint8_t>(family);
    EXPECT_FALSE(inet::decode(kRequest, wire::of(fixed), record)) << family;
  }
  fixed.idiag_family = AF_INET;
  for (int state = 0; state < 256; ++state) {
    fixed.idiag_state = static_cast<std::uint8_t>(state);
    EXPECT_EQ(inet::decode(kRequest, wire::of(fixed), record), state < 14) << state;
  }
}

TEST(InetDecode, any_byte_may_be_wrong_without_harm) {
  const Buffer payload = captured_payload(8013);
  for (std::size_t at = 0; at < payload.size(); ++at) {
    for (const int wrong : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      Buffer damaged = payload;
      damaged[at] = static_cast<std::byte>(wrong);
      SocketRecord record;
      if (!inet::decode(kRequest, damaged, record)) continue;
      EXPECT_LT(static_cast<std::size_t>(record.state), kWordCount<SocketState>);
    }
  }
}

}  // namespace
}  // namespace sockwatch
