// SPDX-License-Identifier: Apache-2.0
// Sockets of this very process, and what the kernel of this machine tells of their ends through our filter.
// Needs no privilege; others' sockets are told apart by their cookies.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <set>
#include <thread>

#include "lib/base/unique_fd.h"
#include "lib/netlink/destroy_source.h"

namespace sockwatch {
namespace {

struct EndedSockets final : EventSink {
  void accept(const SocketEvent& event) override { cookies.insert(event.record.id.cookie); }
  std::multiset<std::uint64_t> cookies;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(port);
  made.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return made;
}

class DestroySourceLive : public testing::Test {
 protected:
  void SetUp() override {
    auto source = DestroySource::open();
    ASSERT_TRUE(source.ok()) << source.error().message;
    source_ = *std::move(source);
  }

  UniqueFd open_socket(int type, bool bound) {
    UniqueFd made(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    EXPECT_TRUE(made.valid());
    const sockaddr_in any = loopback(0);
    if (bound) {
      EXPECT_EQ(::bind(made.get(), reinterpret_cast<const sockaddr*>(&any), sizeof(any)), 0);
    }
    return made;
  }
  static std::uint64_t cookie(const UniqueFd& socket) {
    std::uint64_t value = 0;
    socklen_t length = sizeof(value);
    EXPECT_EQ(::getsockopt(socket.get(), SOL_SOCKET, SO_COOKIE, &value, &length), 0);
    return value;
  }
  static sockaddr_in address_of(const UniqueFd& socket) {
    sockaddr_in address{};
    socklen_t length = sizeof(address);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    return address;
  }

  // The kernel tells ends in their order, a moment later: what came before this one has been told.
  void expect_told(std::uint64_t last, const std::set<std::uint64_t>& told,
                   const std::set<std::uint64_t>& not_told) {
    EndedSockets ended;
    while (ended.cookies.count(last) == 0) {
      pollfd waiting{source_->fd(), POLLIN, 0};
      ASSERT_EQ(::poll(&waiting, 1, 10'000), 1) << "the last socket's end was never told";
      (void)source_->drain(ended);
    }
    for (const std::uint64_t one : told) EXPECT_EQ(ended.cookies.count(one), 1U);
    for (const std::uint64_t one : not_told) EXPECT_EQ(ended.cookies.count(one), 0U);
  }

  std::unique_ptr<DestroySource> source_;
};

TEST_F(DestroySourceLive, listeners_and_bound_sockets_are_told_when_they_end) {
  UniqueFd listener = open_socket(SOCK_STREAM, true);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  UniqueFd autobound = open_socket(SOCK_STREAM, false);
  ASSERT_EQ(::listen(autobound.get(), 1), 0);
  UniqueFd udp = open_socket(SOCK_DGRAM, true);
  UniqueFd last = open_socket(SOCK_DGRAM, true);
  const std::set<std::uint64_t> told{cookie(listener), cookie(autobound), cookie(udp)};
  const std::uint64_t last_cookie = cookie(last);
  listener.reset();
  autobound.reset();
  udp.reset();
  last.reset();
  expect_told(last_cookie, told, {});
  EXPECT_EQ(source_->lost(), 0U);
}

TEST_F(DestroySourceLive, the_filter_lets_no_connection_through_made_or_refused) {
  UniqueFd server = open_socket(SOCK_STREAM, true);
  ASSERT_EQ(::listen(server.get(), 16), 0);
  const sockaddr_in to = address_of(server);
  UniqueFd client = open_socket(SOCK_STREAM, false);
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  UniqueFd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
  UniqueFd refused = open_socket(SOCK_STREAM, false);
  const sockaddr_in nobody = loopback(1);
  ASSERT_NE(::connect(refused.get(), reinterpret_cast<const sockaddr*>(&nobody), sizeof(nobody)), 0);
  UniqueFd connected_udp = open_socket(SOCK_DGRAM, false);
  ASSERT_EQ(::connect(connected_udp.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  UniqueFd portless = open_socket(SOCK_STREAM, false);
  const std::set<std::uint64_t> silent{cookie(client), cookie(accepted), cookie(refused),
                                       cookie(connected_udp), cookie(portless)};
  const std::uint64_t last = cookie(server);
  accepted.reset();
  client.reset();
  refused.reset();
  connected_udp.reset();
  portless.reset();
  server.reset();
  expect_told(last, {}, silent);
}

TEST_F(DestroySourceLive, what_found_no_room_is_counted_and_the_rest_goes_on) {
  // The kernel tells of ends from a queue of its own, on a busy machine seconds later.
  for (int i = 0; i < 3000 && source_->lost() == 0; ++i) {
    for (int j = 0; j < 1000 && i < 200; ++j) (void)open_socket(SOCK_DGRAM, true);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(source_->lost(), 0U);
  EndedSockets ended;
  while (source_->drain(ended)) {
  }
  UniqueFd last = open_socket(SOCK_DGRAM, true);
  const std::uint64_t last_cookie = cookie(last);
  last.reset();
  expect_told(last_cookie, {}, {});
}

}  // namespace
}  // namespace sockwatch
