// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/namespace_number.h"

#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <memory>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

struct Free {
  void operator()(nl_sock* socket) const { ::nl_socket_free(socket); }
  void operator()(nl_msg* message) const { ::nlmsg_free(message); }
};

int take_number(nl_msg* answer, void* number) {
  const nlattr* found = ::nlmsg_find_attr(::nlmsg_hdr(answer), sizeof(rtgenmsg), NETNSA_NSID);
  if (found != nullptr) *static_cast<std::int32_t*>(number) = ::nla_get_s32(found);
  return NL_OK;
}

}  // namespace

std::optional<std::int32_t> number_of_namespace(const std::string& path) {
  const UniqueFd space(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const std::unique_ptr<nl_sock, Free> socket(::nl_socket_alloc());
  const std::unique_ptr<nl_msg, Free> question(::nlmsg_alloc_simple(RTM_GETNSID, 0));
  if (!space.valid() || !socket || !question) return std::nullopt;
  std::int32_t number = NETNSA_NSID_NOT_ASSIGNED;
  rtgenmsg header{};
  if (::nlmsg_append(question.get(), &header, sizeof(header), NLMSG_ALIGNTO) < 0 ||
      ::nla_put_u32(question.get(), NETNSA_FD, static_cast<std::uint32_t>(space.get())) < 0 ||
      ::nl_connect(socket.get(), NETLINK_ROUTE) < 0 ||
      ::nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, take_number, &number) < 0 ||
      ::nl_send_auto(socket.get(), question.get()) < 0 || ::nl_recvmsgs_default(socket.get()) < 0 ||
      number == NETNSA_NSID_NOT_ASSIGNED) {
    return std::nullopt;
  }
  return number;
}

}  // namespace sockwatch
