// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/events/storm.h"

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>

#include "lib/base/unique_fd.h"

namespace sockwatch::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uid_t kNobody = 65'534;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

UniqueFd bound(int type, std::uint16_t port) {
  UniqueFd made(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const int on = 1;
  (void)::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on,
                     sizeof(on));  // else bind(2) says what is wrong
  const sockaddr_in address = loopback(port);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) made.reset();
  return made;
}

bool pass_by(int type, std::uint16_t port, std::chrono::microseconds hold) {
  const UniqueFd socket = bound(type, port);
  if (!socket.valid() || (type == SOCK_STREAM && ::listen(socket.get(), 16) != 0)) return false;
  if (hold.count() > 0) std::this_thread::sleep_for(hold);
  return true;
}

Doer myself() {
  Doer doer{::getpid(), ::geteuid(), {}};
  (void)::prctl(PR_GET_NAME, doer.comm.data());  // cannot fail for a buffer of 16 bytes
  return doer;
}

[[noreturn]] void pass_by_and_go(std::size_t number, std::chrono::microseconds hold, Doer& doer) {
  const std::string name = "storm " + std::to_string(number);
  const bool ready = ::prctl(PR_SET_NAME, name.c_str()) == 0 && ::setresuid(kNobody, kNobody, kNobody) == 0;
  doer = myself();
  ::_exit(ready && pass_by(SOCK_STREAM, static_cast<std::uint16_t>(kFirstPort + number), hold) ? 0 : 1);
}

bool in_process_of_its_own(std::size_t number, std::chrono::microseconds hold, Doer& doer) {
  const pid_t child = ::fork();
  if (child == 0) pass_by_and_go(number, hold, doer);
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

bool do_all(Deed deed, std::chrono::microseconds hold, std::span<Doer> doers) {
  const int type = deed == Deed::Udp ? SOCK_DGRAM : SOCK_STREAM;
  for (std::size_t i = 0; i < doers.size(); ++i) {
    if (deed == Deed::TcpGone) {
      if (!in_process_of_its_own(i, hold, doers[i])) return false;
    } else {
      doers[i] = myself();
      if (!pass_by(type, static_cast<std::uint16_t>(kFirstPort + i), hold)) return false;
    }
  }
  return true;
}

std::uint64_t make_connections(std::chrono::milliseconds time) {
  const UniqueFd server = bound(SOCK_STREAM, 10'999);
  if (!server.valid() || ::listen(server.get(), 64) != 0) return 0;
  const sockaddr_in address = loopback(10'999);
  const linger at_once{1, 0};  // no TIME_WAIT: it would use up the ports
  std::uint64_t made = 0;
  for (const auto end = Clock::now() + time; Clock::now() < end; ++made) {
    const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    (void)::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) break;
    const UniqueFd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted.valid()) break;
  }
  return made;
}

}  // namespace sockwatch::bench
