// SPDX-License-Identifier: Apache-2.0
#include "daemon/sandbox.h"

#include <sched.h>
#include <seccomp.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "lib/bpf/commands.h"

namespace sockwatch {
namespace {

struct Release {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

constexpr std::uint32_t kRefuse = SCMP_ACT_ERRNO(EPERM);

// By name, because not every architecture and not every libseccomp has all of them. open_by_handle_at(2) is
// not among them: it finds a cgroup's path where the service manager's filter leaves it.
constexpr const char* kUnneeded[] = {
    // New programs, also as another process's.
    "execve", "execveat", "uselib",
// Other processes.
#ifndef SOCKWATCH_LEAK_CHECK  // which stops the other threads by it when the program ends
    "ptrace",
#endif
    "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_open",
    "pidfd_getfd", "pidfd_send_signal", "kcmp", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "move_pages", "migrate_pages", "setpriority",
    // Event sources, which are open by now; fanotify and userfaultfd never are.
    "perf_event_open", "fanotify_init", "fanotify_mark", "userfaultfd", "lookup_dcookie",
    // Requests that the kernel carries out past this filter.
    "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "io_submit",
    // Other privileges and users.
    "capset", "setuid", "setuid32", "setgid", "setgid32", "setreuid", "setreuid32", "setregid", "setregid32",
    "setresuid", "setresuid32", "setresgid", "setresgid32", "setgroups", "setgroups32", "setfsuid",
    "setfsuid32", "setfsgid", "setfsgid32", "chown", "chown32", "fchown", "fchown32", "lchown", "lchown32",
    "fchownat", "unshare", "personality",
    // Keys and shared memory of others.
    "add_key", "keyctl", "request_key", "shmat", "shmctl", "shmget", "msgctl", "msgget", "msgrcv", "msgsnd",
    "semctl", "semget", "semop", "semtimedop", "ipc", "mq_open", "mq_unlink",
    // The machine: mounts, modules, swap, clock, name, ports of the hardware.
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "mknod", "mknodat", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd",
    "nfsservctl", "syslog", "vhangup", "settimeofday", "stime", "clock_settime", "clock_settime64",
    "clock_adjtime", "clock_adjtime64", "adjtimex", "sethostname", "setdomainname", "ioperm", "iopl",
    "modify_ldt"};

int refuse(void* filter, int call) {
  const int status = ::seccomp_rule_add(filter, kRefuse, call, 0);
  return status == -EDOM ? 0 : status;  // of another architecture
}

// Where this argument (of 64 bits, so that the upper half hides nothing) compares so.
int refuse(void* filter, int call, unsigned argument, scmp_compare comparison, std::uint64_t value) {
  const scmp_arg_cmp condition{argument, comparison, value, 0};
  return ::seccomp_rule_add_array(filter, kRefuse, call, 1, &condition);
}

int refuse_unneeded(void* filter) {
  for (const char* name : kUnneeded) {
    const int call = ::seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR) continue;
    if (const int status = refuse(filter, call); status != 0) return status;
  }
  // Into network namespaces and nowhere else.
  return refuse(filter, SCMP_SYS(setns), 1, SCMP_CMP_NE, CLONE_NEWNET);
}

// All commands but those that running takes. A rule may name an argument only once, so they are refused by
// ranges and, between those that stay, one by one.
int refuse_bpf(void* filter) {
  const int call = SCMP_SYS(bpf);
  const BpfCommands& needed = kBpfCommandsOfRunning;  // ascending
  if (const int status = refuse(filter, call, 0, SCMP_CMP_LT, needed.front()); status != 0) return status;
  for (std::uint64_t command = needed.front() + 1; command < needed.back(); ++command) {
    if (std::binary_search(needed.begin(), needed.end(), command)) continue;
    if (const int status = refuse(filter, call, 0, SCMP_CMP_EQ, command); status != 0) return status;
  }
  return refuse(filter, call, 0, SCMP_CMP_GT, needed.back());
}

}  // namespace

Result<void> refuse_unneeded_calls() {
  const Filter filter(::seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return Error::from_errno("seccomp", ENOMEM);
  int status = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  if (status == 0) status = refuse_unneeded(filter.get());
  if (status == 0) status = refuse_bpf(filter.get());
  if (status == 0) status = ::seccomp_load(filter.get());
  if (status != 0) return Error::from_errno("seccomp", -status);
  return {};
}

}  // namespace sockwatch
