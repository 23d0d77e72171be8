// SPDX-License-Identifier: Apache-2.0
// What tests of event sources on this machine's kernel stand on: sockets of this very process, in a network
// namespace of its own. What cannot run here says so.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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

using Kind = SocketEvent::Kind;

struct EventList final : EventSink {
  void accept(const SocketEvent& event) override { events.push_back(event); }
  std::vector<SocketEvent> events;
};

inline std::uint64_t option(const UniqueFd& socket, int name) {
  std::uint64_t value = 0;
  socklen_t length = sizeof(value);
  EXPECT_EQ(::getsockopt(socket.get(), SOL_SOCKET, name, &value, &length), 0) << std::strerror(errno);
  return value;
}

inline sockaddr_in6 place(std::string_view address, std::uint16_t port) {
  sockaddr_in6 made{};
  const IpAddress parsed = ip(address);
  made.sin6_family = AF_INET6;
  made.sin6_port = htons(port);
  std::memcpy(&made.sin6_addr, parsed.bytes.data(), sizeof(made.sin6_addr));
  return made;
}

inline UniqueFd open_socket(int family, int type) {
  UniqueFd made(::socket(family, type | SOCK_CLOEXEC, 0));
  EXPECT_TRUE(made.valid());
  return made;
}

inline UniqueFd bound_v4(int type, std::uint16_t port, bool reuse = false) {
  UniqueFd made = open_socket(AF_INET, type);
  const int on = reuse ? 1 : 0;
  (void)::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  EXPECT_EQ(::bind(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return made;
}

inline UniqueFd bound_v6(int type, std::string_view address, std::uint16_t port, int v6only) {
  UniqueFd made = open_socket(AF_INET6, type);
  (void)::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only));
  sockaddr_in6 at = place(address, port);
  EXPECT_EQ(::bind(made.get(), reinterpret_cast<sockaddr*>(&at), sizeof(at)), 0);
  return made;
}

inline std::uint16_t port_of(const UniqueFd& socket) {
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

inline void expect_kinds(const std::vector<SocketEvent>& events, const std::vector<Kind>& kinds) {
  std::vector<Kind> found;
  for (const SocketEvent& event : events) found.push_back(event.kind);
  EXPECT_EQ(found, kinds);
}

}  // namespace sockwatch
