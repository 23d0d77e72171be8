// SPDX-License-Identifier: Apache-2.0
#include "daemon/privileges.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38  // Linux 5.8
#define CAP_BPF 39
#endif

namespace sockwatch {

Result<void> give_up_privileges() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, sets) != 0) return Error::from_errno("capget", errno);
  bool any = false;
  for (const unsigned capability : {unsigned{CAP_NET_ADMIN}, unsigned{CAP_PERFMON}, unsigned{CAP_BPF}}) {
    auto& set = sets[capability / 32];
    const std::uint32_t bit = std::uint32_t{1} << capability % 32;
    any = any || ((set.permitted | set.inheritable) & bit) != 0;
    set.effective &= ~bit;
    set.permitted &= ~bit;
    set.inheritable &= ~bit;
  }
  // The call itself may be forbidden where there is nothing to give up.
  if (any && ::syscall(SYS_capset, &header, sets) != 0) return Error::from_errno("capset", errno);
  return {};
}

}  // namespace sockwatch
