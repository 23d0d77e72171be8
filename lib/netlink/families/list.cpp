// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "lib/netlink/families/inet.h"
#include "lib/netlink/family.h"

namespace sockwatch {

std::span<const Family> families() {
  static constexpr std::array kFamilies = {
      Family{Protocol::Tcp, inet::tcp_requests, inet::decode},
      Family{Protocol::Udp, inet::udp_requests, inet::decode},
  };
  return kFamilies;
}

}  // namespace sockwatch
