// SPDX-License-Identifier: Apache-2.0
// What each source tells of this process's sockets on this machine's kernel.
#include <poll.h>
#include <sys/wait.h>

#include "tests/lib/bpf/sources_live.h"

namespace sockwatch {
namespace {

class EitherSource : public SourcesLive, public testing::WithParamInterface<EventSource> {};
INSTANTIATE_TEST_SUITE_P(, EitherSource, testing::Values(EventSource::Bpf, EventSource::Perf),
                         [](const auto& parameter) { return std::string(word(parameter.param)); });

TEST_F(SourcesLive, bpf_tells_the_socket_as_the_kernel_knows_it_and_who_opened_it) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  UniqueFd socket = bound_v4(SOCK_STREAM, 4444);
  const std::uint64_t cookie = option(socket, SO_COOKIE);
  ASSERT_EQ(::listen(socket.get(), 17), 0);
  socket.reset();
  const auto events = heard(*feed);
  expect_kinds(events, {Kind::Opened, Kind::Closed});
  ASSERT_EQ(events.size(), 2U);
  for (const SocketEvent& event : events) {
    EXPECT_EQ(event.record.id.cookie, cookie);
    EXPECT_EQ(event.record.local, (Endpoint{ip("0.0.0.0"), 4444, 0}));
  }
  const SocketRecord& record = events[0].record;
  EXPECT_EQ(record.bind, Bind::Explicit);
  EXPECT_EQ(record.send_queue, 17U);
  EXPECT_EQ(record.uid, ::geteuid());
  EXPECT_NE(record.inode, 0U);
  ASSERT_TRUE(events[0].caller);
  EXPECT_EQ(events[0].caller->id.pid, ::getpid());
  EXPECT_EQ(events[0].caller->uid, ::geteuid());
  EXPECT_EQ(events[0].caller->comm, std::string("bpf_live_test"));
  EXPECT_EQ(events[0].caller->exe, "bpf_live_test");
  EXPECT_LE(events[0].time.monotonic, events[1].time.monotonic);
}

TEST_F(SourcesLive, bpf_tells_both_versions_of_ip_and_what_they_take) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  const struct {
    const char* address;
    int v6only;
    const char* told;
  } cases[] = {{"::", 0, "::"}, {"::", 1, "::"}, {"::1", 1, "::1"}};
  for (const auto& wanted : cases) {
    const UniqueFd socket = bound_v6(SOCK_STREAM, wanted.address, 4445, wanted.v6only);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    const auto events = heard(*feed);
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.back().record.local.address, ip(wanted.told));
    EXPECT_EQ(events.back().record.v6only, wanted.v6only == 1) << wanted.address;
  }
}

// Three ways to let the kernel choose a port.
TEST_P(EitherSource, an_assigned_port_is_known_at_the_latest_when_it_ends) {
  const auto feed = open(GetParam());
  if (!feed) GTEST_SKIP() << "cannot run here: " << why_;
  UniqueFd autobound = open_socket(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::listen(autobound.get(), 1), 0);
  const std::uint16_t port = port_of(autobound);
  autobound.reset();
  const auto events = heard(*feed);
  expect_kinds(events, {Kind::Opened, Kind::Closed});
  EXPECT_EQ(events[0].record.local.port, 0);
  EXPECT_EQ(events[1].record.local.port, port);
  if (GetParam() == EventSource::Bpf) {
    EXPECT_EQ(events[0].record.bind, Bind::Assigned);
  }
}

TEST_P(EitherSource, a_connection_says_nothing) {
  const auto feed = open(GetParam());
  if (!feed) GTEST_SKIP() << "cannot run here: " << why_;
  const UniqueFd server = bound_v4(SOCK_STREAM, 4446, true);
  ASSERT_EQ(::listen(server.get(), 16), 0);
  (void)heard(*feed);
  for (int i = 0; i < 20; ++i) {
    const UniqueFd client = open_socket(AF_INET, SOCK_STREAM);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(4446);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    const UniqueFd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_TRUE(accepted.valid());
  }
  EXPECT_TRUE(heard(*feed).empty());
}

// It is in the state LISTEN for some microseconds.
TEST_P(EitherSource, a_listen_that_fails_is_an_opening_and_an_end_at_once) {
  const auto feed = open(GetParam());
  if (!feed) GTEST_SKIP() << "cannot run here: " << why_;
  const UniqueFd first = bound_v4(SOCK_STREAM, 4447, true);
  const UniqueFd second = bound_v4(SOCK_STREAM, 4447, true);
  ASSERT_EQ(::listen(first.get(), 1), 0);
  (void)heard(*feed);
  ASSERT_NE(::listen(second.get(), 1), 0);
  const auto events = heard(*feed);
  expect_kinds(events, {Kind::Opened, Kind::Closed});
  EXPECT_EQ(events[0].record.local.port, 4447);
}

TEST_F(SourcesLive, bpf_tells_what_a_process_did_that_is_gone) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::setresuid(65534, 65534, 65534);
    const UniqueFd socket = bound_v4(SOCK_STREAM, 4448);
    ::_exit(::listen(socket.get(), 1));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EventList list;
  while (feed->drain(list)) {
  }
  expect_kinds(list.events, {Kind::Opened, Kind::Closed});
  ASSERT_FALSE(list.events.empty());
  EXPECT_EQ(list.events[0].caller->id.pid, child);
  EXPECT_EQ(list.events[0].caller->comm, "bpf_live_test");
  EXPECT_EQ(list.events[0].caller->uid, 65534U);
  EXPECT_EQ(list.events[0].record.uid, 65534U);
  EXPECT_NE(list.events[0].caller->id.start_ticks, 0U);
}

TEST_F(SourcesLive, bpf_keeps_other_namespaces_to_itself) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
  UniqueFd socket = bound_v4(SOCK_STREAM, 4449);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  const UniqueFd udp = bound_v4(SOCK_DGRAM, 4449);
  EXPECT_TRUE(heard(*feed).empty());
}

// Many in a row, so that the kernel gives the same memory to one after the other, and rings wrap.
TEST_P(EitherSource, ten_thousand_listeners_in_a_row_are_told_in_order) {
  const auto feed = open(GetParam());
  if (!feed) GTEST_SKIP() << "cannot run here: " << why_;
  std::vector<SocketEvent> events;
  for (int i = 0; i < 10'000; ++i) {
    UniqueFd socket = bound_v4(SOCK_STREAM, static_cast<std::uint16_t>(10'000 + i));
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    socket.reset();
    if (i % 1000 != 999) continue;
    for (const SocketEvent& event : heard(*feed)) events.push_back(event);
  }
  ASSERT_EQ(events.size(), 20'000U) << feed->lost() << " lost";
  for (std::size_t i = 0; i < events.size(); ++i) {
    ASSERT_EQ(events[i].kind, i % 2 == 0 ? Kind::Opened : Kind::Closed) << i;
    ASSERT_EQ(events[i].record.local.port, 10'000 + i / 2) << i;
  }
  EXPECT_EQ(feed->lost(), 0U);
}

TEST_P(EitherSource, a_full_ring_counts_what_it_had_no_room_for_and_goes_on) {
  const auto feed = open(GetParam());
  if (!feed) GTEST_SKIP() << "cannot run here: " << why_;
  constexpr std::size_t kListeners = 25'000;  // two events each
  for (std::size_t i = 0; i < kListeners; ++i) {
    const UniqueFd socket = open_socket(AF_INET, SOCK_STREAM);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
  }
  EventList list;
  while (feed->drain(list)) {
  }
  const std::uint64_t lost = feed->lost();
  EXPECT_GT(lost, 0U) << "nothing else has to happen first";
  EXPECT_GE(list.events.size() + lost, 2 * kListeners);
  const UniqueFd socket = bound_v4(SOCK_STREAM, 4450);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  const auto after = heard(*feed);
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after.back().record.local.port, 4450);
}

TEST_P(EitherSource, its_descriptor_is_readable_when_something_waits) {
  const auto feed = open(GetParam());
  if (!feed) GTEST_SKIP() << "cannot run here: " << why_;
  const UniqueFd socket = bound_v4(SOCK_STREAM, 4451, true);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  pollfd waiting{feed->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 5000), 1);
  (void)heard(*feed);
  EXPECT_EQ(::poll(&waiting, 1, 0), 0);
}

}  // namespace
}  // namespace sockwatch
