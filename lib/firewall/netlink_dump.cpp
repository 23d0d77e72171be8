// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/netlink_dump.h"

#include <fcntl.h>
#include <libmnl/libmnl.h>

#include <array>
#include <cerrno>

namespace sockwatch::firewall {
namespace {

struct Handler {
  const NetlinkDump::Take& take;
  bool interrupted = false;
};

int handle(const nlmsghdr* message, void* data) {
  auto& handler = *static_cast<Handler*>(data);
  if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) handler.interrupted = true;
  handler.take(*message);
  return MNL_CB_OK;
}

}  // namespace

void NetlinkDump::Close::operator()(mnl_socket* socket) const {
  (void)mnl_socket_close(socket);
}

Result<NetlinkDump> NetlinkDump::open(int bus) {
  mnl_socket* socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
  if (socket == nullptr) return Error::from_errno("netlink socket", errno);
  NetlinkDump dump(socket);
  if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0) return Error::from_errno("netlink bind", errno);
  return dump;
}

Bytes NetlinkDump::payload_of(const nlmsghdr& message) {
  return {static_cast<const std::byte*>(mnl_nlmsg_get_payload(&message)),
          mnl_nlmsg_get_payload_len(&message)};
}

Result<void> NetlinkDump::ask(const Fill& fill, const Take& take) {
  std::array<char, 4096> request{};
  nlmsghdr* message = mnl_nlmsg_put_header(request.data());
  fill(*message);
  message->nlmsg_flags |= NLM_F_REQUEST;
  message->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_.get(), message, message->nlmsg_len) < 0)
    return Error::from_errno("netlink request", errno);
  Handler handler{take};
  const bool one_answer = (message->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP;
  for (;;) {
    const ssize_t length = mnl_socket_recvfrom(socket_.get(), buffer_.data(), buffer_.size());
    if (length < 0) return Error::from_errno("netlink answer", errno);
    const int more = mnl_cb_run(buffer_.data(), static_cast<std::size_t>(length), sequence_,
                                mnl_socket_get_portid(socket_.get()), handle, &handler);
    if (more < 0) return Error::from_errno("netlink answer", errno);
    if (more == MNL_CB_STOP || one_answer) break;
  }
  if (handler.interrupted) return Error::from_errno("netlink answer", EINTR);
  return {};
}

}  // namespace sockwatch::firewall
