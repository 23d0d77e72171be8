// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/event_record.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <functional>

#include "lib/bpf/listen_event.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr long kTicks = 100;

// nc on 10.1.2.3:4444, 3 ms before the fake clock's time.
listen_event netcat() {
  listen_event event{};
  event.time_ns = 3'600'000'000'000 - 3'000'000;
  event.netns_cookie = 7;
  event.socket_cookie = 0x100000002;
  event.socket_cgroup_id = 99;
  event.start_ns = 123'456'789'012;
  event.tgid = 4711;
  event.uid = 1000;
  event.socket_uid = 33;
  event.socket_inode = 555;
  event.interface_index = 2;
  event.backlog = 16;
  event.port = 4444;
  event.kind = LISTEN_EVENT_OPENED;
  event.family = AF_INET;
  event.protocol = IPPROTO_TCP;
  event.port_choice = LISTEN_PORT_EXPLICIT;
  const std::uint8_t address[] = {10, 1, 2, 3};
  std::memcpy(event.address, address, sizeof(address));
  std::strcpy(event.comm, "nc");
  std::strcpy(event.exe, "nc.openbsd");
  return event;
}

std::span<const std::byte> bytes_of(const listen_event& event) {
  return std::as_bytes(std::span(&event, 1));
}

std::optional<SocketEvent> decode(const listen_event& event) {
  return decode_listen_event(bytes_of(event), FakeClock().now(), kTicks);
}

TEST(EventRecord, tells_the_socket_and_who_called) {
  const auto event = decode(netcat());
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, SocketEvent::Kind::Opened);
  EXPECT_EQ(event->source, EventSource::Bpf);
  const SocketRecord& record = event->record;
  EXPECT_EQ(record.id, (SocketId{NamespaceId{7}, 0x100000002}));
  EXPECT_EQ(record.protocol, Protocol::Tcp);
  EXPECT_EQ(record.state, SocketState::Listen);
  EXPECT_EQ(record.bind, Bind::Explicit);
  EXPECT_EQ(record.local, (Endpoint{ip("10.1.2.3"), 4444, 2}));
  EXPECT_EQ(record.uid, 33U);
  EXPECT_EQ(record.inode, 555U);
  EXPECT_EQ(record.cgroup_id, 99U);
  EXPECT_EQ(record.send_queue, 16U);
  EXPECT_EQ(event->caller, (Holder{{4711, 12345}, "nc", "nc.openbsd", 1000}));
}

TEST(EventRecord, its_time_is_tied_to_the_wall_clock) {
  const Instant now = FakeClock().now();
  const auto event = decode(netcat());
  ASSERT_TRUE(event);
  EXPECT_EQ(now.monotonic - event->time.monotonic, 3ms);
  EXPECT_EQ(now.wall - event->time.wall, 3ms);
}

TEST(EventRecord, each_word_of_a_closed_set_is_understood) {
  listen_event event = netcat();
  const std::pair<int, SocketEvent::Kind> kinds[] = {{LISTEN_EVENT_OPENED, SocketEvent::Kind::Opened},
                                                     {LISTEN_EVENT_CLOSED, SocketEvent::Kind::Closed},
                                                     {LISTEN_EVENT_BOUND, SocketEvent::Kind::Bound},
                                                     {LISTEN_EVENT_CONNECTED, SocketEvent::Kind::Connected}};
  for (const auto& [wire, kind] : kinds) {
    event.kind = static_cast<__u8>(wire);
    EXPECT_EQ(decode(event)->kind, kind);
  }
  const std::pair<int, Bind> choices[] = {{LISTEN_PORT_UNKNOWN, Bind::Unknown},
                                          {LISTEN_PORT_EXPLICIT, Bind::Explicit},
                                          {LISTEN_PORT_ASSIGNED, Bind::Assigned},
                                          {9, Bind::Unknown}};
  for (const auto& [wire, bind] : choices) {
    event.port_choice = static_cast<__u8>(wire);
    EXPECT_EQ(decode(event)->record.bind, bind) << wire;
  }
}

TEST(EventRecord, a_udp_bind_is_an_unconnected_socket) {
  listen_event event = netcat();
  event.kind = LISTEN_EVENT_BOUND;
  event.protocol = IPPROTO_UDP;
  const auto bound = decode(event);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->record.protocol, Protocol::Udp);
  EXPECT_EQ(bound->record.state, SocketState::Close);
  EXPECT_TRUE(is_listener(bound->record));
}

TEST(EventRecord, ipv6_addresses_keep_v6only_and_v4_mapped_ones_are_ipv4) {
  listen_event event = netcat();
  event.family = AF_INET6;
  std::memset(event.address, 0, sizeof(event.address));
  event.v6only = 1;
  EXPECT_EQ(decode(event)->record.local.address, ip("::"));
  EXPECT_TRUE(decode(event)->record.v6only);
  event.v6only = 0;
  EXPECT_FALSE(decode(event)->record.v6only);
  const std::uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3};
  std::memcpy(event.address, mapped, sizeof(mapped));
  EXPECT_EQ(decode(event)->record.local.address, ip("10.1.2.3"));
}

TEST(EventRecord, a_socket_of_the_kernel_has_no_caller) {
  listen_event event = netcat();
  event.maker = LISTEN_SOCKET_OF_KERNEL;
  ASSERT_TRUE(decode(event));
  EXPECT_EQ(decode(event)->caller, std::nullopt);
}

TEST(EventRecord, a_socket_of_mptcp_has_who_called_for_it) {
  listen_event event = netcat();
  event.maker = LISTEN_SOCKET_OF_MPTCP;
  ASSERT_TRUE(decode(event));
  EXPECT_TRUE(decode(event)->record.mptcp);
  EXPECT_EQ(decode(event)->caller->comm, "nc");
}

TEST(EventRecord, names_that_fill_their_place_have_no_end_and_need_none) {
  listen_event event = netcat();
  std::memset(event.comm, 'c', sizeof(event.comm));
  std::memset(event.exe, 'e', sizeof(event.exe));
  EXPECT_EQ(decode(event)->caller->comm, std::string(TOLD_COMM, 'c'));
  EXPECT_EQ(decode(event)->caller->exe, std::string(TOLD_EXE, 'e'));
  event.comm[0] = event.exe[0] = '\0';
  EXPECT_EQ(decode(event)->caller->comm, "");
  EXPECT_EQ(decode(event)->caller->exe, "");
}

TEST(EventRecord, whatever_is_cut_short_says_nothing) {
  const listen_event event = netcat();
  for (std::size_t size = 0; size < sizeof(event); ++size) {
    EXPECT_FALSE(decode_listen_event(bytes_of(event).first(size), FakeClock().now(), kTicks)) << size;
  }
}

TEST(EventRecord, a_longer_record_is_a_later_programs_and_read_as_far_as_we_know_it) {
  std::vector<std::byte> longer(sizeof(listen_event) + 8, std::byte{0xff});
  const listen_event event = netcat();
  std::memcpy(longer.data(), &event, sizeof(event));
  EXPECT_TRUE(decode_listen_event(longer, FakeClock().now(), kTicks));
}

TEST(EventRecord, what_is_none_of_ours_says_nothing) {
  const std::pair<const char*, std::function<void(listen_event&)>> changes[] = {
      {"no kind", [](listen_event& event) { event.kind = 0; }},
      {"another kind", [](listen_event& event) { event.kind = 5; }},
      {"no family", [](listen_event& event) { event.family = 0; }},
      {"a unix socket", [](listen_event& event) { event.family = AF_UNIX; }},
      {"no protocol", [](listen_event& event) { event.protocol = 0; }},
      {"sctp", [](listen_event& event) { event.protocol = IPPROTO_SCTP; }},
      {"udplite", [](listen_event& event) { event.protocol = IPPROTO_UDPLITE; }},
  };
  for (const auto& [what, change] : changes) {
    listen_event event = netcat();
    change(event);
    EXPECT_FALSE(decode(event)) << what;
  }
}

// The start time of a process is compared with /proc/PID/stat, which counts in ticks.
TEST(EventRecord, the_start_of_a_process_is_told_in_the_machines_ticks) {
  listen_event event = netcat();
  event.start_ns = 1'999'999'999;
  for (const auto& [ticks, expected] :
       {std::pair{100L, 199U}, std::pair{250L, 499U}, std::pair{1000L, 1999U}}) {
    EXPECT_EQ(decode_listen_event(bytes_of(event), FakeClock().now(), ticks)->caller->id.start_ticks,
              expected);
  }
}

TEST(EventRecord, has_the_size_that_the_programs_write) {
  EXPECT_EQ(sizeof(listen_event), 144U) << "no padding, on any machine";
}

}  // namespace
}  // namespace sockwatch
