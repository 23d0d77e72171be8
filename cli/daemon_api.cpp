// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_api.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "lib/base/text.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

constexpr timeval kPatience{5, 0};  // for each step of the conversation
constexpr std::size_t kLargest = std::size_t{64}
                                 << 20;  // a machine with 100,000 listeners answers with 40 MiB

Result<UniqueFd> connect_to(const sockaddr& address, socklen_t size) {
  UniqueFd fd(::socket(address.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Error::from_errno("socket", errno);
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO})
    (void)::setsockopt(fd.get(), SOL_SOCKET, option, &kPatience,
                       sizeof kPatience);  // then it may only take longer
  if (::connect(fd.get(), &address, size) != 0) return Error::from_errno("connect", errno);
  return fd;
}

template <typename Address>
Result<UniqueFd> connect_to(const Address& address) {
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof address);
  return connect_to(*static_cast<const sockaddr*>(static_cast<const void*>(&storage)), sizeof address);
}

Result<UniqueFd> connect_to(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) return Error{"the path is too long for a socket", ENAMETOOLONG};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  return connect_to(address);
}

// One that listens on every address listens on loopback, too; so does, most likely, one that has a name.
Result<UniqueFd> connect_to(const ListenAddress& to) {
  const auto bytes = to.address.significant();
  if (to.address.family == IpFamily::V4) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!to.address.is_unspecified()) std::memcpy(&address.sin_addr, bytes.data(), bytes.size());
    return connect_to(address);
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(to.port);
  address.sin6_addr = in6addr_loopback;
  address.sin6_scope_id = to.zone.empty() ? 0 : ::if_nametoindex(to.zone.c_str());
  if (!to.address.is_unspecified()) std::memcpy(&address.sin6_addr, bytes.data(), bytes.size());
  return connect_to(address);
}

Result<std::string> converse(const UniqueFd& fd, std::string_view path) {
  // HTTP/1.0: the end of the answer is the end of the connection, and it comes in one piece.
  const std::string request = "GET " + std::string(path) + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return Error::from_errno("send", errno);
  std::string response;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t got = ::recv(fd.get(), piece.data(), piece.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno("receive", errno);
    if (got == 0) return body_of(response);
    response.append(piece.data(), static_cast<std::size_t>(got));
    if (response.size() > kLargest) return Error{"the answer is larger than 64 MiB"};
  }
}

Result<std::string> ask(Result<UniqueFd> connection, std::string_view path) {
  if (!connection.ok()) return connection.error();
  return converse(*connection, path);
}

}  // namespace

Result<std::string> body_of(std::string_view response) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::string_view status = response.substr(0, response.find("\r\n"));
  if (!status.starts_with("HTTP/1.")) return Error{"the answer is not HTTP"};
  const std::string_view code = status.substr(std::min<std::size_t>(status.size(), 9), 3);
  if (code != "200") return Error{"answered " + printable(status)};
  const std::size_t end = response.find(kEnd);
  if (end == std::string_view::npos) return Error{"the answer is cut short"};
  return std::string(response.substr(end + kEnd.size()));
}

Result<std::string> ask_daemon(const DaemonApi& api, std::string_view path) {
  auto answer = ask(connect_to(api.socket), path);
  if (answer.ok()) return answer;
  const Error at_socket = answer.error().within(printable(api.socket));
  answer = ask(connect_to(api.address), path);
  if (answer.ok()) return answer;
  return Error{"no daemon answers: " + at_socket.message + "; " +
               answer.error().within(to_string(api.address)).message};
}

}  // namespace sockwatch
