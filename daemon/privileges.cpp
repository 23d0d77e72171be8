// SPDX-License-Identifier: Apache-2.0
#include "daemon/privileges.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38  // Linux 5.8
#define CAP_BPF 39
#endif

namespace sockwatch {
namespace {

using Sets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

constexpr std::uint32_t bit_of(unsigned capability) {
  return std::uint32_t{1} << capability % 32;
}

__user_cap_header_struct this_thread() {
  return {_LINUX_CAPABILITY_VERSION_3, 0};
}

Result<Sets> own_capabilities() {
  __user_cap_header_struct header = this_thread();
  Sets sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return Error::from_errno("capget", errno);
  return sets;
}

}  // namespace

Result<void> give_up_privileges() {
  auto sets = own_capabilities();
  if (!sets.ok()) return sets.error();
  bool any = false;
  for (const unsigned capability : {unsigned{CAP_NET_ADMIN}, unsigned{CAP_PERFMON}, unsigned{CAP_BPF}}) {
    auto& set = (*sets)[capability / 32];
    const std::uint32_t bit = bit_of(capability);
    any = any || ((set.permitted | set.inheritable) & bit) != 0;
    set.effective &= ~bit;
    set.permitted &= ~bit;
    set.inheritable &= ~bit;
  }
  // The call itself may be forbidden where there is nothing to give up.
  __user_cap_header_struct header = this_thread();
  if (any && ::syscall(SYS_capset, &header, sets->data()) != 0) return Error::from_errno("capset", errno);
  return {};
}

std::size_t other_threads() {
  constexpr std::size_t kSelf = 3;  // itself, "." and ".."
  struct stat tasks {};
  const bool told = ::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > kSelf;
  return told ? static_cast<std::size_t>(tasks.st_nlink) - kSelf : 0;
}

std::string missing_sight() {
  const auto sets = own_capabilities();
  if (!sets.ok()) return {};
  std::string missing;
  for (const auto& [capability, name] : {std::pair{unsigned{CAP_SYS_PTRACE}, "CAP_SYS_PTRACE"},
                                         std::pair{unsigned{CAP_DAC_READ_SEARCH}, "CAP_DAC_READ_SEARCH"}}) {
    if ((*sets)[capability / 32].effective & bit_of(capability)) continue;
    missing += (missing.empty() ? "" : " and ") + std::string(name);
  }
  return missing.empty() ? "" : "programs of other users may stay unknown: that takes " + missing;
}

}  // namespace sockwatch
