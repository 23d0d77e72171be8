// SPDX-License-Identifier: Apache-2.0
// TCP sockets in every state that lasts, over loopback, in the network namespace of the calling thread;
// nothing of it changes by itself within half a minute. Throws where the kernel refuses something.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {

class TcpScene {
 public:
  // With so many connections more to the listener at port 8001.
  explicit TcpScene(int more = 0) {
    allow_many_descriptors();
    raise_loopback();
    const int any_v4 = listen_at("0.0.0.0", 8001);
    const int dual_stack = listen_at("::", 8002);
    const int only_v6 = listen_at("::", 8003, IPPROTO_IPV6, IPV6_V6ONLY);
    const int any_at_8004 = listen_at("0.0.0.0", 8004);
    const int one_at_8004 = listen_at("127.0.0.1", 8004);
    connect(any_v4, "127.0.0.1", 8001);
    connect(any_v4, "127.0.0.9", 8001);
    connect(dual_stack, "127.0.0.1", 8002);
    connect(dual_stack, "::1", 8002);
    connect(dual_stack, "::ffff:127.0.0.1", 8002);  // IPv4 in IPv6's clothes at both ends
    connect(only_v6, "::1", 8003);
    connect(any_at_8004, "127.0.0.2", 8004);
    connect(one_at_8004, "127.0.0.1", 8004);
    // From the port of a listener that sits at another address, or speaks another IP version.
    (void)listen_at("127.0.0.5", 8010);
    connect(any_v4, "127.0.0.1", 8001, "127.0.0.6", 8010);
    connect(any_v4, "127.0.0.1", 8001, "127.0.0.1", 8003);
    // The more specific of two is chosen, and before IPv6's wildcard IPv4's.
    (void)listen_at("0.0.0.0", 8005);
    const int on_device = listen_at("0.0.0.0", 8005, SOL_SOCKET, SO_REUSEPORT, kBacklog, "lo");
    connect(on_device, "127.0.0.1", 8005);
    const int both = listen_at("::", 8006);
    const int v4_of_both = listen_at("0.0.0.0", 8006);
    connect(v4_of_both, "127.0.0.1", 8006);
    connect(both, "::1", 8006);
    add_states("127.0.0.1", any_v4, 8001);
    add_states("::1", dual_stack, 8002);
    for (int i = 0; i < more; ++i) connect(any_v4, "127.0.0.1", 8001);
    settle();
  }

 private:
  struct Pair {
    std::size_t client;
    std::size_t server;
  };

  static constexpr int kBacklog = 4096;

  static void check(int result, const char* what) {
    if (result < 0) throw std::runtime_error(Error::from_errno(what, errno).message);
  }

  static sockaddr_storage place(const std::string& address, std::uint16_t port) {
    sockaddr_in6 v6{};
    sockaddr_in v4{};
    sockaddr_storage made{};
    if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      std::memcpy(&made, &v6, sizeof v6);
    } else {
      ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      std::memcpy(&made, &v4, sizeof v4);
    }
    return made;
  }

  int made(int fd) {
    check(fd, "socket");
    fds_.emplace_back(fd);
    return fd;
  }
  // Of a user who is not root: 0 would be none as well.
  int socket_for(const sockaddr_storage& at, int flags = 0) {
    ::setfsuid(1234);
    const int fd = ::socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    ::setfsuid(::geteuid());
    return made(fd);
  }
  static void set(int fd, int level, int option, int value = 1) {
    check(::setsockopt(fd, level, option, &value, sizeof value), "setsockopt");
  }
  static void bind_to(int fd, const sockaddr_storage& at) {
    check(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(sockaddr_in6)), "bind");
  }
  static int connect_to(int fd, const sockaddr_storage& at) {
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(sockaddr_in6));
  }

  // Everything is acknowledged, which may take the kernel 200 ms.
  static void settle() {
    const auto is_settled = [] {
      for (const char* table : {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
        std::ifstream rows(table);
        std::string row, number, local, remote, state, queues;
        for (std::getline(rows, row); rows >> number >> local >> remote >> state >> queues;
             std::getline(rows, row))
          if (state == "04" || (state == "01" && queues.substr(0, 8) != "00000000"))
            return false;  // FIN_WAIT1
      }
      return true;
    };
    for (int i = 0; i < 500 && !is_settled(); ++i) (void)::usleep(10'000);
    if (!is_settled()) throw std::runtime_error("the sockets do not come to rest");
  }

  static void allow_many_descriptors() {
    rlimit limit{};
    check(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    check(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  }

  static void raise_loopback() {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "lo up");
  }

  int listen_at(const std::string& address, std::uint16_t port, int level = SOL_SOCKET,
                int option = SO_REUSEPORT, int backlog = kBacklog, const std::string& device = {}) {
    const sockaddr_storage at = place(address, port);
    const int fd = socket_for(at);
    set(fd, SOL_SOCKET, SO_REUSEPORT);
    set(fd, level, option);
    const auto length = static_cast<socklen_t>(device.size());
    check(::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.c_str(), length), "bind to device");
    bind_to(fd, at);
    check(::listen(fd, backlog), "listen");
    check(::fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl");  // who accepts what is not there is told so
    return fd;
  }

  Pair connect(int listener, const std::string& to, std::uint16_t port, const std::string& from = {},
               std::uint16_t from_port = 0) {
    const sockaddr_storage at = place(to, port);
    const int client = socket_for(at);
    if (!from.empty()) {
      set(client, SOL_SOCKET, SO_REUSEPORT);
      bind_to(client, place(from, from_port));
    }
    check(connect_to(client, at), "connect");
    const std::size_t index = fds_.size() - 1;
    made(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    return {index, index + 1};
  }

  void add_states(const std::string& address, int listener, std::uint16_t port) {
    const Pair half_closed = connect(listener, address, port);  // FIN_WAIT2 and CLOSE_WAIT
    check(::shutdown(fds_[half_closed.client].get(), SHUT_WR), "shutdown");
    const Pair orphaned = connect(listener, address, port);  // the same, but the client is a stub by now
    fds_[orphaned.client].reset();
    const Pair over = connect(listener, address, port);  // TIME_WAIT
    fds_[over.client].reset();
    fds_[over.server].reset();
    const Pair unread = connect(listener, address, port);
    check(static_cast<int>(::write(fds_[unread.client].get(), "unread", 6)), "write");
    // The client thinks that it is connected, the server waits for its first byte: SYN_RECV.
    const auto deferred_port = static_cast<std::uint16_t>(port + 1000);
    constexpr int kSeconds = 60;
    set(listen_at(address, deferred_port), IPPROTO_TCP, TCP_DEFER_ACCEPT, kSeconds);
    const sockaddr_storage deferred = place(address, deferred_port);
    check(connect_to(socket_for(deferred), deferred), "connect");
    // One waits to be accepted and fills the queue, another gets no answer: SYN_SENT.
    const auto full_port = static_cast<std::uint16_t>(port + 2000);
    (void)listen_at(address, full_port, SOL_SOCKET, SO_REUSEPORT, 0);
    const sockaddr_storage full = place(address, full_port);
    check(connect_to(socket_for(full), full), "connect");
    (void)connect_to(socket_for(full, SOCK_NONBLOCK), full);
  }

  std::vector<UniqueFd> fds_;
};

}  // namespace sockwatch
