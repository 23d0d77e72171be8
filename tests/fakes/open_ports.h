// SPDX-License-Identifier: Apache-2.0
// Sockets of every kind that holds a port, on fixed ports of loopback, in the network namespace of the
// calling thread. Throws where the kernel refuses something.
#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/model/port_claim.h"

namespace sockwatch {

class OpenPorts {
 public:
  static constexpr std::uint16_t kTcpListener = 7001;  // with a connection
  static constexpr std::uint16_t kTcpIdleListener = 7006;
  static constexpr std::uint16_t kTcpBoundOnly = 7002;
  static constexpr std::uint16_t kTcpClient = 7003;
  static constexpr std::uint16_t kUdpServer = 7004;
  static constexpr std::uint16_t kUdpClient = 7005;

  OpenPorts() {
    raise_loopback();
    const int listener = bound(SOCK_STREAM, kTcpListener);
    check(::listen(listener, 8), "listen");
    check(::listen(bound(SOCK_STREAM, kTcpIdleListener), 8), "listen");
    (void)bound(SOCK_STREAM, kTcpBoundOnly);
    connect_to_listener(bound(SOCK_STREAM, kTcpClient));
    (void)bound(SOCK_DGRAM, kUdpServer);
    connect_to_listener(bound(SOCK_DGRAM, kUdpClient));
  }

 private:
  static void check(int status, const std::string& what) {
    if (status < 0) throw std::runtime_error(Error::from_errno(what, errno).message);
  }
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  int bound(int type, std::uint16_t port) {
    UniqueFd made(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    check(::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "bind");
    sockets_.push_back(std::move(made));
    return sockets_.back().get();
  }
  static void connect_to_listener(int from) {
    const sockaddr_in address = loopback(kTcpListener);
    check(::connect(from, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "connect");
  }
  static void raise_loopback() {
    const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    check(::ioctl(any.get(), SIOCSIFFLAGS, &request), "raise lo");
  }

  std::vector<UniqueFd> sockets_;
};

// Without inodes, for comparison.
inline std::vector<std::pair<Protocol, std::uint32_t>> ports_of(const std::vector<PortClaim>& claims) {
  std::vector<std::pair<Protocol, std::uint32_t>> ports;
  for (const PortClaim& claim : claims) ports.emplace_back(claim.protocol, claim.port);
  std::sort(ports.begin(), ports.end());
  return ports;
}

}  // namespace sockwatch
