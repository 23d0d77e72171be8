// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/inet.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <span>

namespace sockwatch::inet {
namespace {

// LISTEN alone keeps the kernel out of the table of connections: its cost follows the listeners, not the
// sockets.
constexpr std::uint32_t kTcpListeners = bit(SocketState::Listen);
// UDP knows no LISTEN: unconnected is CLOSE, connected is ESTABLISHED.
constexpr std::uint32_t kUdpListeners = bit(SocketState::Close);
constexpr std::uint32_t kUdpConnections = bit(SocketState::Established);

// A filter program passes a socket that leaves it exactly at its end (inet_diag.c: inet_diag_bc_run). AUTO
// goes on to the next instruction for a port the kernel handed out, and past the end, which rejects, for one
// the program chose. The second program turns that round: a handed-out port meets the jump past the end, a
// chosen one leaves at it.
constexpr inet_diag_bc_op kAssigned[] = {{INET_DIAG_BC_AUTO, 4, 8}};
constexpr inet_diag_bc_op kExplicit[] = {{INET_DIAG_BC_AUTO, 4, 8}, {INET_DIAG_BC_JMP, 4, 8}};

// A remote port of 0, as unconnected sockets have, and those that connect(2) gave an address without a port:
// they hear every port of it (net/ipv4/udp.c: compute_score). Two instructions, the second holds the port.
std::array<inet_diag_bc_op, 2> without_remote_port(std::size_t rest) {
  const auto past_the_end = static_cast<unsigned short>(2 * sizeof(inet_diag_bc_op) + rest + 4);
  return {{{INET_DIAG_BC_D_LE, 2 * sizeof(inet_diag_bc_op), past_the_end}, {INET_DIAG_BC_NOP, 0, 0}}};
}

void append_filter(std::vector<std::byte>& bytes, Bind bind, bool by_peer) {
  if (bind == Bind::Unknown) return;
  const std::span<const inet_diag_bc_op> by_bind =
      bind == Bind::Assigned ? std::span<const inet_diag_bc_op>(kAssigned) : kExplicit;
  const std::size_t first = by_peer ? 2 * sizeof(inet_diag_bc_op) : 0;
  append(bytes, nlattr{static_cast<std::uint16_t>(NLA_HDRLEN + first + by_bind.size_bytes()),
                       INET_DIAG_REQ_BYTECODE});
  if (by_peer) append(bytes, without_remote_port(by_bind.size_bytes()));
  for (const inet_diag_bc_op& instruction : by_bind) append(bytes, instruction);
}

DumpRequest request(const Ask& ask, std::uint8_t family, Bind bind, bool by_peer = false) {
  inet_diag_req_v2 body{};
  body.sdiag_family = family;
  body.sdiag_protocol = ask.ip_protocol;
  body.idiag_ext = ask.extensions;
  body.idiag_states = ask.states;
  DumpRequest made{ask.protocol, bind, {}, {}};
  if (bind != Bind::Unknown) made.needs = by_peer ? &Abilities::peer_filter : &Abilities::bind_filter;
  made.what = std::string(word(ask.protocol)) + " over " + (family == AF_INET ? "IPv4" : "IPv6");
  append(made.body, body);
  append_filter(made.body, bind, by_peer);
  return made;
}

// The request of before Linux 3.3 knows no family: one walk shows both (inet_diag.c: inet_diag_dump_compat).
DumpRequest tcp_in_one_walk(std::uint32_t states) {
  inet_diag_req body{};
  body.idiag_states = states;
  DumpRequest made{Protocol::Tcp, Bind::Unknown, "tcp", {}, TCPDIAG_GETSOCK, &Abilities::one_walk};
  append(made.body, body);
  return made;
}

IpAddress address(std::uint8_t family, const __be32 (&words)[4]) {
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), words, sizeof(words));
  return family == AF_INET ? IpAddress::v4(std::span(bytes).first<4>()) : IpAddress::v6(bytes);
}

void apply(const Attribute& attribute, SocketRecord& record) {
  switch (attribute.type) {
    case INET_DIAG_SKMEMINFO:
      if (attribute.payload.size() >= (SK_MEMINFO_DROPS + 1) * sizeof(std::uint32_t)) {
        record.drops =
            *read_struct<std::uint32_t>(attribute.payload.subspan(SK_MEMINFO_DROPS * sizeof(std::uint32_t)));
      }
      break;
    case INET_DIAG_SKV6ONLY:
      record.v6only = read_struct<std::uint8_t>(attribute.payload).value_or(0) != 0;
      break;
    case INET_DIAG_SOCKOPT:
      if (const auto options = read_struct<inet_diag_sockopt>(attribute.payload))
        record.transparent = options->transparent != 0;
      break;
    case INET_DIAG_CGROUP_ID:
      record.cgroup_id = read_struct<std::uint64_t>(attribute.payload).value_or(0);
      break;
    default:  // newer kernels send more
      break;
  }
}

std::vector<DumpRequest> both_binds(const Ask& ask, bool by_peer) {
  std::vector<DumpRequest> all;
  for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
    all.push_back(request(ask, family, Bind::Explicit, by_peer));
    all.push_back(request(ask, family, Bind::Assigned, by_peer));
  }
  return all;
}

}  // namespace

std::vector<DumpRequest> requests(const Ask& ask) {
  return {request(ask, AF_INET, Bind::Unknown), request(ask, AF_INET6, Bind::Unknown)};
}

std::vector<DumpRequest> listener_requests(const Ask& ask, const Abilities& abilities) {
  if (!abilities.bind_filter) return requests(ask);
  return both_binds(ask, false);
}

std::vector<DumpRequest> tcp_requests(LookKind kind, const Abilities& abilities) {
  if (kind == LookKind::Listeners) {
    return listener_requests({Protocol::Tcp, IPPROTO_TCP, kTcpListeners, kWantMemory}, abilities);
  }
  if (abilities.one_walk) return {tcp_in_one_walk(kConnected)};
  return requests({Protocol::Tcp, IPPROTO_TCP, kConnected, 0});
}

std::vector<DumpRequest> datagram_requests(Protocol protocol, std::uint8_t ip_protocol, LookKind kind,
                                           const Abilities& abilities) {
  if (kind == LookKind::Connections) return requests({protocol, ip_protocol, kUdpConnections, 0});
  if (abilities.bind_filter && abilities.peer_filter)
    return both_binds({protocol, ip_protocol, kUdpListeners | kUdpConnections, kWantMemory}, true);
  return listener_requests({protocol, ip_protocol, kUdpListeners, kWantMemory}, abilities);
}

std::vector<DumpRequest> udp_requests(LookKind kind, const Abilities& abilities) {
  return datagram_requests(Protocol::Udp, IPPROTO_UDP, kind, abilities);
}

bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  const auto fixed = read_struct<inet_diag_msg>(payload);
  if (!fixed || (fixed->idiag_family != AF_INET && fixed->idiag_family != AF_INET6)) return false;
  if (fixed->idiag_state >= kWordCount<SocketState>) return false;

  record = {};
  record.id.cookie = std::uint64_t{fixed->id.idiag_cookie[1]} << 32 | fixed->id.idiag_cookie[0];
  record.protocol = request.protocol;
  record.state = static_cast<SocketState>(fixed->idiag_state);
  record.bind = request.bind;
  record.local = {address(fixed->idiag_family, fixed->id.idiag_src), ntohs(fixed->id.idiag_sport),
                  fixed->id.idiag_if};
  record.remote = {address(fixed->idiag_family, fixed->id.idiag_dst), ntohs(fixed->id.idiag_dport), 0};
  record.uid = fixed->idiag_uid;
  record.inode = fixed->idiag_inode;
  record.receive_queue = fixed->idiag_rqueue;
  record.send_queue = fixed->idiag_wqueue;

  AttributeWalk attributes(payload.subspan(sizeof(inet_diag_msg)));
  while (const auto attribute = attributes.next()) apply(*attribute, record);
  return !attributes.malformed();
}

// Connections may all be bound to one interface (a VRF's): to ask for each would cost more than it tells.
void complete(const Channel& channel, SocketRecord& record) {
  if (record.local.interface_index != 0 && is_listener(record))
    record.device = channel.interface(record.local.interface_index).name;
}

}  // namespace sockwatch::inet
