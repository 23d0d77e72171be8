// SPDX-License-Identifier: Apache-2.0
// Runs something as if the kernel did not know some system calls, or did not allow them: on a thread of its
// own, for a thread can give up calls and never get them back.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace sockwatch {

struct RefusedCall {
  std::uint32_t number;  // SYS_socket, …
  std::uint16_t error;   // the errno it fails with
};

// For the calling thread, for good. False where the kernel has no seccomp(2).
inline bool refuse(const std::vector<RefusedCall>& calls) {
  std::vector<sock_filter> program{{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)}};
  for (const RefusedCall& call : calls) {
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call.number});
    program.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | call.error});
  }
  program.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// False where it could not be run.
template <typename Work>
bool with_refused(const std::vector<RefusedCall>& calls, Work work) {
  bool refused = false;
  std::thread([&] {
    refused = refuse(calls);
    if (refused) work();
  }).join();
  return refused;
}

}  // namespace sockwatch
