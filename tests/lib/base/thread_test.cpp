// SPDX-License-Identifier: Apache-2.0
#include "lib/base/thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace sockwatch {
namespace {

TEST(StartThread, runs_the_body_with_every_signal_blocked) {
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  sigset_t there;
  sigemptyset(&there);
  auto thread = start_thread("test", [&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &there); });
  ASSERT_TRUE(thread.ok()) << thread.error().message;
  thread->join();
  for (const int signal : {SIGTERM, SIGHUP, SIGINT}) EXPECT_EQ(sigismember(&there, signal), 1) << signal;
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM)) << "the caller's own stay";
}

// In a child: the limit is on a whole user, who must not be root.
TEST(StartThread, where_there_may_be_no_more_threads_it_is_an_error) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to be a user with no other process";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit one{1, 1};
    constexpr uid_t kUserOfOurOwn = 3'941'027;
    if (::setrlimit(RLIMIT_NPROC, &one) != 0 || ::setresuid(kUserOfOurOwn, kUserOfOurOwn, kUserOfOurOwn) != 0)
      ::_exit(2);
    const auto thread = start_thread("test", [] {});
    ::_exit(!thread.ok() && thread.error().code == EAGAIN &&
                    thread.error().message.starts_with("test: thread: ")
                ? 0
                : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace sockwatch
