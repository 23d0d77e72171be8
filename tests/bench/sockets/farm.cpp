// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sockets/farm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

namespace sockwatch::bench {
namespace {

constexpr std::size_t kOwnListeners = 1000;
// Not where daemons and benches listen, and not a port that clients are given.
constexpr std::size_t kFirstPort = 2000;
constexpr std::size_t kPortsEach = 8000;

sockaddr_in place(std::size_t number) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(kFirstPort + number % kPortsEach));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(number / kPortsEach));
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

void set_kernel(const char* name, const char* value) {
  std::ofstream(std::string("/proc/sys/net/ipv4/") + name) << value;
}

// As far as the hard limit allows: more than that takes more holders.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);  // fails only for a limit that does not exist
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t kOthers = 2000;  // listeners, lines, standard streams
  return std::min<std::size_t>(200'000, limit.rlim_cur - kOthers);
}

UniqueFd bound(int type, std::size_t number) {
  UniqueFd socket(::socket(AF_INET, type, 0));
  const sockaddr_in address = place(number);
  if (::bind(socket.get(), as_sockaddr(address), sizeof(address)) != 0) socket.reset();
  return socket;
}

UniqueFd listening(std::size_t number) {
  UniqueFd socket = bound(SOCK_STREAM, number);
  if (::listen(socket.get(), 1024) != 0) socket.reset();
  return socket;
}

}  // namespace

Farm::Farm() : descriptors_(raise_descriptor_limit()) {
  set_kernel("ip_local_port_range", "11000 59999");
  set_kernel("tcp_max_tw_buckets", "4000000");
  set_kernel("tcp_tw_reuse", "0");
}

// Holders inherit what takes their connections, so those are this process's.
Result<void> Farm::add_listeners(std::size_t count) {
  const std::size_t own = std::min(count, kOwnListeners);
  for (std::size_t i = 0; i < own; ++i) {
    if (!listeners_.emplace_back(listening(i)).valid()) return Error::from_errno("listener", errno);
  }
  return hold(count - own, descriptors_,
              [own](std::size_t number) { return listening(own + number).release() >= 0; });
}

Result<void> Farm::add_sockets(std::size_t count) {
  sockets_ += count / 2 * 2;
  return hold(count / 2, descriptors_ / 2,
              [this](std::size_t number) { return connect_and_accept(number, true); });
}

Result<void> Farm::add_udp(std::size_t count) {
  return hold(count, descriptors_,
              [](std::size_t number) { return bound(SOCK_DGRAM, number).release() >= 0; });
}

Result<void> Farm::add_time_wait(std::size_t count) {
  return hold(count, count / 2 + 1, [this](std::size_t number) { return connect_and_accept(number, false); });
}

// The client closes first where they are not kept: it is the one that waits.
bool Farm::connect_and_accept(std::size_t number, bool keep) const {
  const std::size_t which = number % listeners_.size();
  UniqueFd client(::socket(AF_INET, SOCK_STREAM, 0));
  const sockaddr_in to = place(which);
  if (::connect(client.get(), as_sockaddr(to), sizeof(to)) != 0) return false;
  UniqueFd server(::accept(listeners_[which].get(), nullptr, nullptr));
  const bool good = server.valid();
  if (keep)
    (void)client.release(), (void)server.release();
  else
    client.reset();
  return good;
}

Result<void> Farm::hold(std::size_t count, std::size_t most_each, const Deed& deed) {
  for (std::size_t first = 0; first < count; first += most_each) {
    const std::size_t end = std::min(count, first + most_each);
    auto started = holders_.start([&] {
      for (std::size_t i = first; i < end; ++i) {
        if (!deed(i)) return false;
      }
      listeners_.clear();  // this process's copies
      return true;
    });
    if (!started.ok()) return started;
  }
  return holders_.wait_ready();
}

}  // namespace sockwatch::bench
