// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/self_stats.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

// A /proc in which we are process 77, started 1000 ticks after boot.
void add_self(FileTree& proc) {
  add_process(proc, {.pid = 77, .sockets = {11, 12}, .start_ticks = 1000});
  proc.link("self", "77");
  proc.write("stat", "cpu  1 2 3\nintr 5 0 0\nbtime 1767225600\nprocesses 9\n");
}

TEST(SelfStats, tells_what_proc_says_in_base_units) {
  FileTree proc;
  add_self(proc);
  const auto self = SelfStats::open(proc.open());
  ASSERT_TRUE(self.ok()) << self.error().message;
  const auto stats = self->read();
  ASSERT_TRUE(stats.ok()) << stats.error().message;

  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_DOUBLE_EQ(stats->cpu_seconds, 200 / ticks);
  EXPECT_DOUBLE_EQ(stats->start_time_seconds, 1767225600 + 1000 / ticks);
  EXPECT_EQ(stats->resident_bytes, 3433U * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(stats->open_fds, 3U);
  EXPECT_EQ(stats->max_fds, limit.rlim_cur);
}

TEST(SelfStats, the_start_time_does_not_follow_the_clock) {
  FileTree proc;
  add_self(proc);
  const auto self = SelfStats::open(proc.open());
  ASSERT_TRUE(self.ok());
  const double before = self->read().value().start_time_seconds;
  proc.write("stat", "btime 1767225599\n");
  EXPECT_EQ(self->read().value().start_time_seconds, before);
}

TEST(SelfStats, what_is_missing_is_an_error) {
  FileTree proc;
  EXPECT_FALSE(SelfStats::open(proc.open()).ok());
  add_self(proc);
  proc.write("stat", "cpu 1 2 3\n");
  EXPECT_FALSE(SelfStats::open(proc.open()).ok());
  proc.write("stat", "btime soon\n");
  EXPECT_FALSE(SelfStats::open(proc.open()).ok());
  proc.write("stat", "btime 5\n");
  const auto self = SelfStats::open(proc.open());
  ASSERT_TRUE(self.ok());
  proc.remove("77/fd");
  EXPECT_FALSE(self->read().ok());
}

}  // namespace
}  // namespace sockwatch
