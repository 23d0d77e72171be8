// SPDX-License-Identifier: Apache-2.0
#include "lib/web/listen.h"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "lib/base/text.h"

namespace sockwatch {

namespace {

// A socket address of any family, the way the calls want it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress address_of(const Endpoint& endpoint) {
  SocketAddress made;
  if (endpoint.address.family == IpFamily::V4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(endpoint.port));
    std::memcpy(&v4.sin_addr, endpoint.address.bytes.data(), sizeof v4.sin_addr);
    std::memcpy(&made.storage, &v4, made.size = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<std::uint16_t>(endpoint.port));
    v6.sin6_scope_id = endpoint.interface_index;
    std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&made.storage, &v6, made.size = sizeof v6);
  }
  return made;
}

// Size 0 where the path does not fit (108 bytes, unix(7)).
SocketAddress address_of(const std::string& path) {
  SocketAddress made;
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof local.sun_path) return made;
  std::copy(path.begin(), path.end(), local.sun_path);
  std::memcpy(&made.storage, &local, made.size = sizeof local);
  return made;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

Result<IpAddress> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); failure != 0)
    return Error{::gai_strerror(failure), EADDRNOTAVAIL};
  const std::unique_ptr<addrinfo, FreeAddresses> owned(list);
  std::optional<IpAddress> found;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) != 0)
      continue;
    const auto address = parse_ip_address(text.data());
    if (address && (!found || (address->family == IpFamily::V4 && found->family == IpFamily::V6)))
      found = address;
  }
  if (!found) return Error{"has no address", EADDRNOTAVAIL};
  return *found;
}

UniqueFd stream_socket(int family) {
  return UniqueFd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool bind_to(const UniqueFd& fd, const SocketAddress& address) {
  return ::bind(fd.get(), address.get(), address.size) == 0;
}

bool set_option(const UniqueFd& fd, int level, int option, int value) {
  return ::setsockopt(fd.get(), level, option, &value, sizeof value) == 0;
}

// A socket file whose owner is gone refuses connections; a file that is no socket does too, so look first.
bool is_stale(const std::string& path, const SocketAddress& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const UniqueFd probe = stream_socket(AF_UNIX);
  return probe.valid() && ::connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED;
}

}  // namespace

Result<UniqueFd> listen_tcp(const Endpoint& endpoint) {
  const SocketAddress address = address_of(endpoint);
  UniqueFd fd = stream_socket(address.storage.ss_family);
  const bool v6 = endpoint.address.family == IpFamily::V6;
  // Without SO_REUSEADDR a restart fails while connections of the last run are in TIME_WAIT.
  if (!fd.valid() || !set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
      (v6 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0)) || !bind_to(fd, address) ||
      ::listen(fd.get(), SOMAXCONN) != 0) {
    return Error::from_errno(to_string(endpoint), errno);
  }
  return fd;
}

Result<UniqueFd> listen_at(const ListenAddress& address) {
  const auto endpoint = endpoint_of(address);
  if (!endpoint.ok()) return endpoint.error();
  auto listening = listen_tcp(*endpoint);
  const bool no_ipv6 = !listening.ok() && listening.error().code == EAFNOSUPPORT;
  if (no_ipv6 && address.is_everywhere()) return listen_tcp(Endpoint{{}, address.port, 0});
  return listening;
}

Result<Endpoint> endpoint_of(const ListenAddress& address) {
  Endpoint endpoint{address.address, address.port, 0};
  if (!address.zone.empty()) {
    const auto number = parse_integer<std::uint32_t>(address.zone);
    endpoint.interface_index = number ? *number : ::if_nametoindex(address.zone.c_str());
    if (endpoint.interface_index == 0) return Error::from_errno(to_string(address), errno);
  }
  if (address.host.empty()) return endpoint;
  const auto found = look_up(address.host);
  if (!found.ok()) return found.error().within(to_string(address));
  endpoint.address = *found;
  return endpoint;
}

Result<UniqueFd> listen_unix(const std::string& path, mode_t mode) {
  const SocketAddress address = address_of(path);
  if (address.size == 0) return Error::from_errno(path, ENAMETOOLONG);
  UniqueFd fd = stream_socket(AF_UNIX);
  if (!fd.valid()) return Error::from_errno(path, errno);
  bool bound = bind_to(fd, address);
  if (!bound && errno == EADDRINUSE) {
    if (is_stale(path, address) && ::unlink(path.c_str()) == 0) {
      bound = bind_to(fd, address);
    } else {
      errno = EADDRINUSE;
    }
  }
  // Connections are refused until listen(), so the mode is never late.
  if (!bound || ::chmod(path.c_str(), mode) != 0 || ::listen(fd.get(), SOMAXCONN) != 0) {
    return Error::from_errno(path, errno);
  }
  return fd;
}

}  // namespace sockwatch
