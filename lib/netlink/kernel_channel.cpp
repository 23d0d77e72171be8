// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kernel_channel.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71  // Linux 5.14
#endif

namespace sockwatch {
namespace {

// The kernel sizes a dump's datagrams by the reader's buffer, up to 32 KiB (af_netlink.c: netlink_dump).
constexpr std::size_t kBufferSize = 32 * 1024;

NamespaceId namespace_of(int fd, NamespaceId without_cookie) {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  const bool told = ::getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0;
  return told ? NamespaceId{cookie} : without_cookie;
}

std::optional<std::int32_t> namespace_number_in(msghdr& header) {
  const cmsghdr* control = CMSG_FIRSTHDR(&header);
  if (control == nullptr || control->cmsg_level != SOL_NETLINK ||
      control->cmsg_type != NETLINK_LISTEN_ALL_NSID)
    return std::nullopt;
  std::int32_t number = 0;
  std::memcpy(&number, CMSG_DATA(control), sizeof(number));
  return number;
}

}  // namespace

void KernelChannel::Free::operator()(nl_sock* socket) const {
  ::nl_socket_free(socket);
}

KernelChannel::KernelChannel(std::unique_ptr<nl_sock, Free> socket, NamespaceId without_cookie)
    : socket_(std::move(socket)),
      name_space_(namespace_of(::nl_socket_get_fd(socket_.get()), without_cookie)),
      buffer_(kBufferSize) {}

Result<std::unique_ptr<KernelChannel>> KernelChannel::open(NamespaceId without_cookie) {
  std::unique_ptr<nl_sock, Free> socket(::nl_socket_alloc());
  if (!socket) return Error::from_errno("netlink socket", ENOMEM);
  errno = 0;
  if (const int status = ::nl_connect(socket.get(), NETLINK_SOCK_DIAG); status < 0) {
    const int code = errno;  // libnl's own codes do not tell EPROTONOSUPPORT from others
    return Error{std::string("sock_diag: ") + ::nl_geterror(status), code};
  }
  if (const int status = ::nl_socket_set_nonblocking(socket.get()); status < 0) {
    return Error{std::string("sock_diag: ") + ::nl_geterror(status)};
  }
  return std::unique_ptr<KernelChannel>(new KernelChannel(std::move(socket), without_cookie));
}

int KernelChannel::fd() const {
  return ::nl_socket_get_fd(socket_.get());
}

// Any socket answers these, for the namespace it was made in. IFF_PROMISC here is what was switched on by
// name; bridges and packet sockets that switch it on for themselves do not show (net/core/dev.c:
// netif_get_flags).
InterfaceFacts KernelChannel::interface(std::uint32_t index) const {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  if (index == 0 || ::ioctl(fd(), SIOCGIFNAME, &request) != 0) return {};
  InterfaceFacts facts{{request.ifr_name, ::strnlen(request.ifr_name, IFNAMSIZ)}, false};
  if (::ioctl(fd(), SIOCGIFFLAGS, &request) == 0) facts.promiscuous = (request.ifr_flags & IFF_PROMISC) != 0;
  return facts;
}

Result<void> KernelChannel::send(Bytes request) {
  // nl_sendto() takes void* but only reads.
  std::vector<std::byte> copy(request.begin(), request.end());
  errno = 0;
  if (const int status = ::nl_sendto(socket_.get(), copy.data(), copy.size()); status < 0) {
    return Error{std::string("sock_diag request: ") + ::nl_geterror(status), errno};
  }
  return {};
}

Result<Bytes> KernelChannel::receive() {
  for (;;) {
    sockaddr_nl sender{};
    iovec part{buffer_.data(), buffer_.size()};
    msghdr header{};
    header.msg_name = &sender;
    header.msg_namelen = sizeof(sender);
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::byte control[CMSG_SPACE(sizeof(std::int32_t))];
    header.msg_control = control;
    header.msg_controllen = sizeof(control);
    const ssize_t length = ::recvmsg(fd(), &header, 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return Error::from_errno("sock_diag reply", errno);
    if (sender.nl_pid != 0) continue;  // not the kernel: any process may write to a netlink socket's address
    if ((header.msg_flags & MSG_TRUNC) != 0) return Error::from_errno("sock_diag reply", EMSGSIZE);
    from_namespace_ = namespace_number_in(header);
    return Bytes(buffer_).first(static_cast<std::size_t>(length));
  }
}

}  // namespace sockwatch
