// SPDX-License-Identifier: Apache-2.0
#include "daemon/sandbox.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

namespace sockwatch {
namespace {

// The filter is for good, so everything is tried in a child. 0 where `is_so` holds there.
int in_child(const std::function<bool()>& is_so) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(is_so() ? 0 : 1);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

bool refused(long result) {
  return result == -1 && errno == EPERM;
}

bool is_refused_behind_the_filter(const std::function<long()>& call) {
  return in_child([&call] { return refuse_unneeded_calls().ok() && refused(call()); }) == 0;
}

struct Call {
  std::string name;
  std::function<long()> make;
};

const char* const kNoArguments[] = {nullptr};

// Whoever asks, the kernel does not answer these by EPERM.
const Call kAnsweredOtherwise[] = {
    {"execve", [] { return ::syscall(SYS_execve, "/nowhere", kNoArguments, kNoArguments); }},
    {"execveat", [] { return ::syscall(SYS_execveat, -1, "x", kNoArguments, kNoArguments, 0); }},
    {"process_vm_writev",
     [] { return ::syscall(SYS_process_vm_writev, ::getpid(), nullptr, 0, nullptr, 0, 0); }},
    {"process_vm_readv",
     [] { return ::syscall(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0); }},
    {"pidfd_open", [] { return ::syscall(SYS_pidfd_open, ::getpid(), 0); }},
    {"pidfd_getfd", [] { return ::syscall(SYS_pidfd_getfd, -1, 0, 0); }},
    {"kcmp", [] { return ::syscall(SYS_kcmp, ::getpid(), ::getpid(), 0, 0, 0); }},
    {"kill", [] { return ::syscall(SYS_kill, ::getpid(), 0); }},
    {"setns without a kind", [] { return ::syscall(SYS_setns, -1, 0); }},
    {"setns into a mount namespace", [] { return ::syscall(SYS_setns, -1, CLONE_NEWNS); }},
    {"unshare", [] { return ::syscall(SYS_unshare, 0); }},
    {"setuid", [] { return ::syscall(SYS_setuid, ::getuid()); }},
};

// They take a privilege, or a kernel that has them: so some may be refused anyway.
constexpr const char* kPrivileged[] = {
    "perf_event_open", "userfaultfd",  "io_uring_setup", "io_uring_enter", "io_setup",      "capset",
    "mount",           "umount2",      "move_mount",     "open_tree",      "fsopen",        "pivot_root",
    "init_module",     "finit_module", "kexec_load",     "reboot",         "swapon",        "add_key",
    "keyctl",          "shmget",       "mq_open",        "personality",    "fanotify_init", "fchown"};

TEST(Sandbox, each_call_that_running_does_not_need_is_refused) {
  for (const Call& call : kAnsweredOtherwise) {
    EXPECT_NE(in_child([&call] { return refused(call.make()); }), 0) << call.name << " without the filter";
    EXPECT_TRUE(is_refused_behind_the_filter(call.make)) << call.name;
  }
  for (const char* name : kPrivileged) {
    const int number = ::seccomp_syscall_resolve_name(name);
    EXPECT_TRUE(is_refused_behind_the_filter([number] { return ::syscall(number, -1, 0, 0, 0, 0, 0); }))
        << name;
  }
}

TEST(Sandbox, other_processes_are_not_traced) {
#ifdef SOCKWATCH_LEAK_CHECK
  GTEST_SKIP() << "the check for leaks traces";
#endif
  EXPECT_TRUE(is_refused_behind_the_filter([] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }));
}

TEST(Sandbox, of_bpf_only_what_running_asks_for_stays) {
  const auto command = [](std::uint64_t number) {
    return [number] { return ::syscall(SYS_bpf, number, nullptr, 0); };
  };
  const std::uint64_t upper_half = std::uint64_t{1} << 32;
  for (std::uint64_t number = 0; number < 64; ++number) {
    if (number == BPF_ITER_CREATE || number == BPF_MAP_LOOKUP_AND_DELETE_BATCH) continue;
    EXPECT_TRUE(is_refused_behind_the_filter(command(number))) << number;
    EXPECT_TRUE(is_refused_behind_the_filter(command(number | upper_half)))
        << number << " with an upper half";
  }
  if (in_child([&] { return !refused(command(BPF_ITER_CREATE)()); }) != 0)
    GTEST_SKIP() << "the kernel lets this user call no bpf(2)";
  EXPECT_FALSE(is_refused_behind_the_filter(command(BPF_ITER_CREATE)));
  EXPECT_FALSE(is_refused_behind_the_filter(command(BPF_MAP_LOOKUP_AND_DELETE_BATCH)));
}

TEST(Sandbox, it_holds_in_threads_that_were_there_before_and_in_those_that_come) {
  EXPECT_EQ(in_child([] {
              std::atomic<bool> go{false};
              bool before = false;
              bool after = false;
              std::thread early([&] {
                go.wait(false);
                before = refused(::syscall(SYS_unshare, 0));
              });
              const bool loaded = refuse_unneeded_calls().ok();
              go = true;
              go.notify_one();
              early.join();
              std::thread([&] { after = refused(::syscall(SYS_unshare, 0)); }).join();
              return loaded && before && after;
            }),
            0);
}

TEST(Sandbox, abort_still_ends_the_program) {
  const int status = in_child([]() -> bool {
    if (!refuse_unneeded_calls().ok()) return false;
    std::abort();
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
}

}  // namespace
}  // namespace sockwatch
