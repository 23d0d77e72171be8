// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sockets/own_network.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstdio>

#include "lib/base/unique_fd.h"

namespace sockwatch::bench {

bool enter_own_network() {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  ifreq lo{};
  (void)std::snprintf(lo.ifr_name, sizeof(lo.ifr_name), "lo");
  lo.ifr_flags = IFF_UP;
  const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return ::ioctl(any.get(), SIOCSIFFLAGS, &lo) == 0;
}

}  // namespace sockwatch::bench
