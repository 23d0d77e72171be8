// SPDX-License-Identifier: Apache-2.0
// What BPF tells of a UDP socket's life, on this machine's kernel.
#include <functional>

#include "tests/lib/bpf/sources_live.h"

namespace sockwatch {
namespace {

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

// Where to a UDP socket is connected: nowhere any more with a port of none.
void connect_to(const UniqueFd& socket, const char* address, std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = address == nullptr ? AF_UNSPEC : AF_INET;
  to.sin_port = htons(port);
  if (address != nullptr) std::memcpy(&to.sin_addr, ip(address).bytes.data(), sizeof(to.sin_addr));
  ASSERT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0) << std::strerror(errno);
}

TEST_F(SourcesLive, bpf_tells_what_becomes_of_a_udp_socket) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  if (!why_.empty()) GTEST_SKIP() << "not of UDP here: " << why_;
  const struct {
    const char* what;
    std::function<void(UniqueFd&)> live;
    std::vector<Kind> told;
  } lives[] = {
      {"waits for strangers", [](UniqueFd&) {}, {Kind::Bound, Kind::Closed}},
      {"client", [](UniqueFd& fd) { connect_to(fd, "127.0.0.1", 53); }, {Kind::Bound, Kind::Connected}},
      {"every port of one address",
       [](UniqueFd& fd) { connect_to(fd, "127.0.0.1", 0); },
       {Kind::Bound, Kind::Closed}},
      {"from one peer to another",
       [](UniqueFd& fd) {
         connect_to(fd, "127.0.0.1", 53);
         connect_to(fd, "127.0.0.1", 54);
       },
       {Kind::Bound, Kind::Connected}},
      {"rid of its peer",
       [](UniqueFd& fd) {
         connect_to(fd, "127.0.0.1", 53);
         connect_to(fd, nullptr, 0);
       },
       {Kind::Bound, Kind::Connected, Kind::Closed}},
  };
  for (const auto& life : lives) {
    UniqueFd socket = bound_v4(SOCK_DGRAM, 5355);
    const std::uint64_t cookie = option(socket, SO_COOKIE);
    life.live(socket);
    socket.reset();
    const auto events = heard(*feed);
    SCOPED_TRACE(life.what);
    expect_kinds(events, life.told);
    for (const SocketEvent& event : events) {
      EXPECT_EQ(event.record.id.cookie, cookie);
      EXPECT_EQ(event.record.local.port, 5355);
      EXPECT_EQ(event.record.bind, Bind::Explicit);
    }
  }
}

TEST_F(SourcesLive, bpf_tells_of_no_udp_port_that_the_kernel_chose) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  if (!why_.empty()) GTEST_SKIP() << "not of UDP here: " << why_;
  const UniqueFd four = bound_v4(SOCK_DGRAM, 0);
  const UniqueFd six = bound_v6(SOCK_DGRAM, "::", 0, 0);
  connect_to(four, "127.0.0.1", 53);
  EXPECT_TRUE(heard(*feed).empty());
}

TEST_F(SourcesLive, a_range_of_few_ports_is_a_choice) {
  const auto feed = open(EventSource::Bpf);
  if (!feed) GTEST_SKIP() << "no BPF here: " << why_;
  if (!why_.empty()) GTEST_SKIP() << "not of UDP here: " << why_;
  constexpr int kLocalPortRange = 51;  // IP_LOCAL_PORT_RANGE, Linux 6.3
  const struct {
    std::uint16_t low, high;
    std::size_t told;
  } ranges[] = {{44444, 44444, 1}, {44444, 44459, 1}, {44444, 44460, 0},
                {60999, 0, 1},     {0, 32768, 1},     {0, 0, 0}};
  for (const auto& range : ranges) {
    UniqueFd socket = open_socket(AF_INET, SOCK_DGRAM);
    const std::uint32_t both = std::uint32_t{range.high} << 16 | range.low;
    if (::setsockopt(socket.get(), IPPROTO_IP, kLocalPortRange, &both, sizeof(both)) != 0)
      GTEST_SKIP() << "this kernel has no IP_LOCAL_PORT_RANGE";
    sockaddr_in any{};
    any.sin_family = AF_INET;
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&any), sizeof(any)), 0);
    const auto events = heard(*feed);
    EXPECT_EQ(events.size(), range.told) << range.low << " to " << range.high;
    for (const SocketEvent& event : events) EXPECT_EQ(event.record.bind, Bind::Explicit);
    socket.reset();
    (void)heard(*feed);  // that it was closed
  }
}

}  // namespace
}  // namespace sockwatch
