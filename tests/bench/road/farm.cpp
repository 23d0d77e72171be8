// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/road/farm.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace sockwatch::bench {
namespace {

constexpr std::uint16_t kFirstPort = 2000;
constexpr std::size_t kMostConnectionsPerHolder = 100'000;

sockaddr_in place(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

void set_kernel(const char* file, const char* value) {
  std::ofstream(file) << value;
}

Result<void> enter_new_namespace() {
  if (::unshare(CLONE_NEWNET) != 0) return Error::from_errno("unshare", errno);
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return Error::from_errno("lo up", errno);
  set_kernel("/proc/sys/net/ipv4/ip_local_port_range", "10000 65000");
  return {};
}

// As far as the hard limit allows: more than that takes more holders.
std::size_t connections_per_holder() {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);  // fails only for a limit that does not exist
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t kOthers = 2000;  // listeners, lines, standard streams
  return std::min<std::size_t>(kMostConnectionsPerHolder, (limit.rlim_cur - kOthers) / 2);
}

bool connect_and_accept(int listener, std::uint16_t port) {
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in to = place(port);
  return client >= 0 && ::connect(client, as_sockaddr(to), sizeof(to)) == 0 &&
         ::accept(listener, nullptr, nullptr) >= 0;
}

}  // namespace

Result<Farm> Farm::open(std::size_t listeners) {
  if (auto entered = enter_new_namespace(); !entered.ok()) return entered.error();
  Farm farm;
  for (std::size_t i = 0; i < listeners; ++i) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = place(static_cast<std::uint16_t>(kFirstPort + i));
    if (!socket.valid() || ::bind(socket.get(), as_sockaddr(address), sizeof(address)) != 0 ||
        ::listen(socket.get(), 1024) != 0) {
      return Error::from_errno("listener", errno);
    }
    farm.listeners_.push_back(std::move(socket));
  }
  return farm;
}

Result<void> Farm::add_sockets(std::size_t sockets) {
  const std::size_t most = connections_per_holder();
  for (std::size_t left = sockets / 2; left > 0;) {
    const std::size_t part = std::min(left, most);
    if (auto added = add_holder(part); !added.ok()) return added;
    left -= part;
  }
  sockets_ += sockets / 2 * 2;
  return {};
}

// One holder's ready-line is one byte on its end of the pair.
Result<void> Farm::add_holder(std::size_t connections) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return Error::from_errno("socketpair", errno);
  UniqueFd ours(pair[0]);
  UniqueFd theirs(pair[1]);
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno("fork", errno);
  if (child == 0) {
    ours.reset();
    bool good = true;
    for (std::size_t i = 0; good && i < connections; ++i) {
      const std::size_t which = i % listeners_.size();
      good = connect_and_accept(listeners_[which].get(), static_cast<std::uint16_t>(kFirstPort + which));
    }
    if (!good) std::perror("holder");
    char byte = good ? 'y' : 'n';
    (void)!::write(theirs.get(), &byte, 1);
    (void)!::read(theirs.get(), &byte, 1);  // until the farm goes
    ::_exit(0);
  }
  theirs.reset();
  char byte = 0;
  if (::read(ours.get(), &byte, 1) != 1 || byte != 'y')
    return Error{"a holder could not open its connections"};
  holders_.push_back(child);
  lines_.push_back(std::move(ours));
  return {};
}

Farm::~Farm() {
  lines_.clear();
  for (const pid_t holder : holders_) (void)::waitpid(holder, nullptr, 0);
}

}  // namespace sockwatch::bench
