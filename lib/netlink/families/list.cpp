// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "lib/netlink/families/inet.h"
#include "lib/netlink/families/mptcp.h"
#include "lib/netlink/families/packet_sockets.h"
#include "lib/netlink/families/raw.h"
#include "lib/netlink/families/sctp.h"
#include "lib/netlink/families/tcp_bound.h"
#include "lib/netlink/families/udplite.h"
#include "lib/netlink/families/unix_sockets.h"
#include "lib/netlink/families/vsock.h"
#include "lib/netlink/family.h"

namespace sockwatch {

// In the order in which they are asked: MPTCP adds to what TCP has shown.
std::span<const Family> families() {
  static constexpr std::array kFamilies = {
      Family{Protocol::Tcp, inet::tcp_requests, inet::decode, Pace::EveryLook, inet::complete},
      Family{Protocol::Mptcp, mptcp::requests, mptcp::decode, Pace::OnNewTcp, inet::complete},
      Family{Protocol::Udp, inet::udp_requests, inet::decode, Pace::EveryLook, inet::complete},
      Family{Protocol::Udplite, udplite::requests, inet::decode, Pace::Seldom, inet::complete},
      Family{Protocol::Sctp, sctp::requests, inet::decode, Pace::Seldom, inet::complete},
      Family{Protocol::Raw, raw::requests, raw::decode, Pace::Seldom, inet::complete},
      Family{Protocol::Packet, packet_sockets::requests, packet_sockets::decode, Pace::Seldom,
             packet_sockets::complete},
      Family{Protocol::Unix, unix_sockets::requests, unix_sockets::decode, Pace::Seldom},
      Family{Protocol::Vsock, vsock::requests, vsock::decode, Pace::Seldom},
      Family{Protocol::Tcp, tcp_bound::requests, tcp_bound::decode, Pace::Lists},
      Family{Protocol::Unix, unix_sockets::list_requests, unix_sockets::decode, Pace::Lists},
      Family{Protocol::Packet, packet_sockets::list_requests, packet_sockets::decode, Pace::Lists,
             packet_sockets::complete},
  };
  return kFamilies;
}

}  // namespace sockwatch
