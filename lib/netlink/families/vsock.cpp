// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/vsock.h"

#include <linux/vm_sockets_diag.h>
#include <sys/socket.h>

namespace sockwatch::vsock {
namespace {

constexpr std::uint32_t kAnyCid = 0xFFFFFFFF;   // VMADDR_CID_ANY
constexpr std::uint32_t kAnyPort = 0xFFFFFFFF;  // VMADDR_PORT_ANY: not bound

// Its sockets use TCP's numbers for these states.
constexpr std::uint32_t kConnections =
    bit(SocketState::Established) | bit(SocketState::SynSent) | bit(SocketState::Closing);

IpAddress address(std::uint32_t cid) {
  if (cid == kAnyCid) return {};
  IpAddress address;
  for (unsigned i = 0; i < 4; ++i) address.bytes[i] = static_cast<std::uint8_t>(cid >> (24 - 8 * i));
  return address;
}

Endpoint endpoint(std::uint32_t cid, std::uint32_t port) {
  return {address(cid), port == kAnyPort ? 0 : port, 0, {}};
}

SocketType type_of(std::uint8_t type) {
  if (type == SOCK_STREAM) return SocketType::Stream;
  return type == SOCK_SEQPACKET ? SocketType::Seqpacket : SocketType::Dgram;
}

}  // namespace

std::vector<DumpRequest> requests(LookKind kind, const Abilities&) {
  vsock_diag_req body{};
  body.sdiag_family = AF_VSOCK;
  body.vdiag_states = kind == LookKind::Listeners ? bit(SocketState::Listen) : kConnections;
  DumpRequest made{Protocol::Vsock, Bind::Unknown, "vsock", {}};
  append(made.body, body);
  return {made};
}

bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  const auto fixed = read_struct<vsock_diag_msg>(payload);
  if (!fixed || fixed->vdiag_family != AF_VSOCK || fixed->vdiag_state >= kWordCount<SocketState>)
    return false;
  record = {};
  record.id.cookie = std::uint64_t{fixed->vdiag_cookie[1]} << 32 | fixed->vdiag_cookie[0];
  record.protocol = request.protocol;
  record.state = static_cast<SocketState>(fixed->vdiag_state);
  record.type = type_of(fixed->vdiag_type);
  record.local = endpoint(fixed->vdiag_src_cid, fixed->vdiag_src_port);
  record.remote = endpoint(fixed->vdiag_dst_cid, fixed->vdiag_dst_port);
  record.inode = fixed->vdiag_ino;
  record.uid_told = false;
  return true;
}

}  // namespace sockwatch::vsock
