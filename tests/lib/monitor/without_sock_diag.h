// SPDX-License-Identifier: Apache-2.0
// Runs something as if the kernel had no sock_diag: on a thread of its own whose socket(2) refuses the
// protocol as such a kernel does.
#pragma once

#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>

namespace sockwatch {

// For the calling thread, for good. False where the kernel has no seccomp(2).
inline bool refuse_sock_diag() {
  // socket(AF_NETLINK, any type, NETLINK_SOCK_DIAG) fails, all else is let through. The low halves of the
  // arguments come first: little-endian.
  constexpr auto load = [](std::size_t offset) {
    return sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)};
  };
  constexpr auto unless_equal_skip = [](std::uint32_t value, std::uint8_t count) {
    return sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, count, value};
  };
  constexpr auto answer = [](std::uint32_t value) { return sock_filter{BPF_RET | BPF_K, 0, 0, value}; };
  std::array program{
      load(offsetof(seccomp_data, nr)),
      unless_equal_skip(SYS_socket, 5),
      load(offsetof(seccomp_data, args[0])),
      unless_equal_skip(AF_NETLINK, 3),
      load(offsetof(seccomp_data, args[2])),
      unless_equal_skip(NETLINK_SOCK_DIAG, 1),
      answer(SECCOMP_RET_ERRNO | EPROTONOSUPPORT),
      answer(SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// False where it could not be run.
template <typename Work>
bool without_sock_diag(Work work) {
  bool refused = false;
  std::thread([&] {
    refused = refuse_sock_diag();
    if (refused) work();
  }).join();
  return refused;
}

}  // namespace sockwatch
