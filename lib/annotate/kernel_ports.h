// SPDX-License-Identifier: Apache-2.0
// Ports on which the kernel itself listens, in sockets that no process holds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "lib/model/socket_record.h"

namespace sockwatch {

struct KernelPort {
  Protocol protocol;
  std::uint16_t port;
};
inline constexpr KernelPort kKernelPorts[] = {
    {Protocol::Tcp, 445},    // ksmbd
    {Protocol::Udp, 1701},   // L2TP
    {Protocol::Tcp, 2049},   // nfsd
    {Protocol::Udp, 2049},   // nfsd
    {Protocol::Tcp, 3260},   // iSCSI target
    {Protocol::Udp, 4789},   // VXLAN
    {Protocol::Udp, 6081},   // Geneve
    {Protocol::Udp, 8472},   // VXLAN, as Linux had it before the assignment
    {Protocol::Udp, 51820},  // WireGuard
};

// nfsd takes over a socket that a program has made and closes: all that is left of it there is its file.
inline bool may_be_adopted(const SocketRecord& socket) {
  constexpr std::uint16_t kNfs = 2049;
  return socket.uid == 0 && socket.uid_told && socket.local.port == kNfs;
}

// Where the kernel does not tell which sockets are its own, the port has to do.
inline bool may_be_kernel(const SocketRecord& socket) {
  return socket.uid == 0 && socket.uid_told &&
         std::any_of(std::begin(kKernelPorts), std::end(kKernelPorts), [&](const KernelPort& known) {
           return known.protocol == socket.protocol && known.port == socket.local.port;
         });
}

}  // namespace sockwatch
