// SPDX-License-Identifier: Apache-2.0
// Hides the TCP or UDP socket with this inode from everybody who asks by sock_diag, until its standard input
// ends:
//   netlink_liar INODE
// Prints "lying" when it does. Exits with 77 where the kernel does not allow that.
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "lib/base/text.h"
#include "netlink_lie.skel.h"

int main(int argc, char** argv) {
  const auto inode = argc == 2 ? sockwatch::parse_integer<std::uint32_t>(argv[1]) : std::nullopt;
  if (!inode) {
    std::fprintf(stderr, "usage: netlink_liar INODE\n");
    return 2;
  }
  netlink_lie* lie = netlink_lie__open();
  if (lie == nullptr) return 77;
  lie->bss->hidden_inode = *inode;
  if (netlink_lie__load(lie) != 0 || netlink_lie__attach(lie) != 0) return 77;
  std::puts("lying");
  (void)std::fflush(stdout);
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  netlink_lie__destroy(lie);
  return 0;
}
