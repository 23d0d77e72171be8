// SPDX-License-Identifier: Apache-2.0
// The sources on this machine's kernel: sockets of this very process, in a network namespace of its own, and
// what each source tells of them. What cannot run here says so.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/unique_fd.h"
#include "lib/bpf/bpf_source.h"
#include "lib/bpf/perf_source.h"
#include "tests/fakes/sockets.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace sockwatch {
namespace {

using Kind = SocketEvent::Kind;

struct EventList final : EventSink {
  void accept(const SocketEvent& event) override { events.push_back(event); }
  std::vector<SocketEvent> events;
};

std::uint64_t option(const UniqueFd& socket, int name) {
  std::uint64_t value = 0;
  socklen_t length = sizeof(value);
  EXPECT_EQ(::getsockopt(socket.get(), SOL_SOCKET, name, &value, &length), 0) << std::strerror(errno);
  return value;
}

sockaddr_in6 place(std::string_view address, std::uint16_t port) {
  sockaddr_in6 made{};
  const IpAddress parsed = ip(address);
  made.sin6_family = AF_INET6;
  made.sin6_port = htons(port);
  std::memcpy(&made.sin6_addr, parsed.bytes.data(), sizeof(made.sin6_addr));
  return made;
}

UniqueFd open_socket(int family, int type) {
  UniqueFd made(::socket(family, type | SOCK_CLOEXEC, 0));
  EXPECT_TRUE(made.valid());
  return made;
}

UniqueFd bound_v4(int type, std::uint16_t port, bool reuse = false) {
  UniqueFd made = open_socket(AF_INET, type);
  const int on = reuse ? 1 : 0;
  (void)::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  EXPECT_EQ(::bind(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return made;
}

UniqueFd bound_v6(int type, std::string_view address, std::uint16_t port, int v6only) {
  UniqueFd made = open_socket(AF_INET6, type);
  (void)::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only));
  sockaddr_in6 at = place(address, port);
  EXPECT_EQ(::bind(made.get(), reinterpret_cast<sockaddr*>(&at), sizeof(at)), 0);
  return made;
}

std::uint16_t port_of(const UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  return ntohs(address.sin_port);
}

// Somewhere nobody else opens anything; the test goes back afterwards.
class SourcesLive : public testing::Test {
 protected:
  void SetUp() override {
    home_.reset(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root, to make a network namespace";
    ifreq lo{.ifr_ifrn = {.ifrn_name = "lo"}, .ifr_ifru = {.ifru_flags = IFF_UP}};
    ASSERT_EQ(::ioctl(open_socket(AF_INET, SOCK_DGRAM).get(), SIOCSIFFLAGS, &lo), 0);
  }
  void TearDown() override { EXPECT_EQ(::setns(home_.get(), CLONE_NEWNET), 0); }

  std::unique_ptr<EventFeed> open(EventSource kind) {
    return kind == EventSource::Bpf ? open_bpf() : open_perf();
  }

  // Everything told so far. Events of other namespaces, which perf hears, have other pids.
  static std::vector<SocketEvent> heard(EventFeed& feed) {
    EventList list;
    while (feed.drain(list)) {
    }
    std::erase_if(list.events, [](const SocketEvent& event) {
      return event.caller && event.caller->id.pid != ::getpid();
    });
    return list.events;
  }

  std::string why_;  // it cannot run, or what of it cannot

 private:
  static NamespaceId name_space() {
    return NamespaceId{option(open_socket(AF_INET, SOCK_DGRAM), SO_NETNS_COOKIE)};
  }
  std::unique_ptr<EventFeed> open_bpf() {
    auto source = BpfSource::open({name_space(), "/sys/fs/cgroup"});
    why_ = source.ok() ? (*source)->missing() : source.error().message;
    return source.ok() ? *std::move(source) : nullptr;
  }
  std::unique_ptr<EventFeed> open_perf() {
    auto source = PerfSource::open("/sys/kernel/tracing", name_space());
    if (!source.ok()) why_ = source.error().message;
    return source.ok() ? *std::move(source) : nullptr;
  }

  UniqueFd home_;
};

class EitherSource : public SourcesLive, public testing::WithParamInterface<EventSource> {};
INSTANTIATE_TEST_SUITE_P(, EitherSource, testing::Values(EventSource::Bpf, EventSource::Perf),
                         [](const auto& parameter) { return std::string(word(parameter.param)); });

void expect_kinds(const std::vector<SocketEvent>& events, const std::vector<Kind>& kinds) {
  std::vector<Kind> found;
  for (const SocketEvent& event : events) found.push_back(event.kind);
  EXPECT_EQ(found, kinds);
}

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

TEST_F(SourcesLive, bpf_tells_udp_binds_and_no_autobind) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  if (!why_.empty()) GTEST_SKIP() << "no UDP binds here: " << why_;
  const UniqueFd four = bound_v4(SOCK_DGRAM, 5353);
  const UniqueFd six = bound_v6(SOCK_DGRAM, "::", 5354, 1);
  const UniqueFd client = open_socket(AF_INET, SOCK_DGRAM);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(5353);
  (void)::sendto(client.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof(to));
  ASSERT_NE(port_of(client), 0);
  const auto events = heard(*feed);
  expect_kinds(events, {Kind::Bound, Kind::Bound});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].record.id.cookie, option(four, SO_COOKIE));
  EXPECT_EQ(events[0].record.local, (Endpoint{ip("0.0.0.0"), 5353, 0}));
  EXPECT_EQ(events[1].record.id.cookie, option(six, SO_COOKIE));
  EXPECT_EQ(events[1].record.local, (Endpoint{ip("::"), 5354, 0}));
  EXPECT_TRUE(events[1].record.v6only);
  EXPECT_EQ(events[0].caller->comm, "bpf_live_test");
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
