// SPDX-License-Identifier: Apache-2.0
#include "lib/crosscheck/bind_witness.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "lib/base/unique_fd.h"
#include "lib/crosscheck/kernel_witnesses.h"

namespace sockwatch {
namespace {

constexpr int kLocalPortRange = 51;  // IP_LOCAL_PORT_RANGE (include/uapi/linux/in.h), younger than glibc's
constexpr int kPorts = 65536;

enum class Answer { Free, Taken, MayNotAsk };

// The wildcard address of both versions of IP, or of IPv4 where the kernel has no IPv6: it collides with
// every address.
struct Wildcard {
  sockaddr_storage address{};
  socklen_t length = 0;
  int family = AF_INET;

  static Wildcard of(int family) {
    Wildcard made;
    made.family = family;
    made.address.ss_family = static_cast<sa_family_t>(family);
    made.length = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    return made;
  }
  // sin_port and sin6_port lie at the same place.
  void set_port(std::uint16_t port) {
    sockaddr_in at{};
    std::memcpy(&at, &address, sizeof(at));
    at.sin_port = htons(port);
    std::memcpy(&address, &at, sizeof(at));
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

UniqueFd open_socket(int family, int type) {
  UniqueFd made(::socket(family, type | SOCK_CLOEXEC, 0));
  if (!made.valid()) return made;
  const int off = 0;
  if (family == AF_INET6) (void)::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  return made;
}

// With SO_REUSEADDR the ends of connections that the server left behind are no obstacle; listeners are.
Answer bind_tcp(Wildcard& wildcard, std::uint16_t port) {
  const UniqueFd made = open_socket(wildcard.family, SOCK_STREAM);
  const int on = 1;
  if (!made.valid() || ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
    return Answer::MayNotAsk;
  wildcard.set_port(port);
  if (::bind(made.get(), wildcard.get(), wildcard.length) == 0) return Answer::Free;
  return errno == EADDRINUSE ? Answer::Taken : Answer::MayNotAsk;
}

// A connect(2) to loopback's discard port makes the kernel choose a port out of a range of one.
Answer choose_udp(const Wildcard& wildcard, std::uint16_t port) {
  const UniqueFd made = open_socket(wildcard.family, SOCK_DGRAM);
  const std::uint32_t range = std::uint32_t{port} << 16 | port;
  if (!made.valid() || ::setsockopt(made.get(), SOL_IP, kLocalPortRange, &range, sizeof(range)) != 0)
    return Answer::MayNotAsk;
  Wildcard peer = wildcard;
  if (peer.family == AF_INET6) {
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    std::memcpy(&peer.address, &loopback, sizeof(loopback));
  } else {
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::memcpy(&peer.address, &loopback, sizeof(loopback));
  }
  peer.set_port(9);
  if (::connect(made.get(), peer.get(), peer.length) == 0) return Answer::Free;
  return errno == EAGAIN || errno == EADDRINUSE ? Answer::Taken : Answer::MayNotAsk;
}

Answer ask_for(Wildcard& wildcard, Protocol protocol, std::uint16_t port) {
  return protocol == Protocol::Tcp ? bind_tcp(wildcard, port) : choose_udp(wildcard, port);
}

std::optional<Wildcard> usable_wildcard() {
  for (const int family : {AF_INET6, AF_INET}) {
    if (open_socket(family, SOCK_STREAM).valid()) return Wildcard::of(family);
  }
  return std::nullopt;
}

}  // namespace

BindWitness::BindWitness(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

Result<std::vector<PortClaim>> BindWitness::ask() {
  auto wildcard = usable_wildcard();
  if (!wildcard) return Error::from_errno("socket", errno);
  std::vector<PortClaim> taken;
  if (!asked_) {
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
      for (int port = 1; port < kPorts; ++port) {
        const auto number = static_cast<std::uint16_t>(port);
        if (ask_for(*wildcard, protocol, number) == Answer::Taken) taken.push_back({protocol, number, 0});
      }
    }
    asked_ = true;
  } else {
    for (const PortClaim& claim : refused_) {
      if (ask_for(*wildcard, claim.protocol, static_cast<std::uint16_t>(claim.port)) == Answer::Taken)
        taken.push_back(claim);
    }
  }
  refused_ = taken;
  if (taken.empty()) return taken;
  const auto others = ports_without_listener(*channel_);
  if (!others.ok()) return others.error();
  std::erase_if(taken, [&](const PortClaim& claim) { return others->contains(claim); });
  return taken;
}

}  // namespace sockwatch
