// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/event_choice.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/lib/monitor/refused_calls.h"

namespace sockwatch {
namespace {

// What each source needs, so that none can run.
const std::vector<RefusedCall> kNoEvents{
    {SYS_bpf, EPERM}, {SYS_perf_event_open, EACCES}, {SYS_socket, EPERM}};
constexpr const char* kNoSeccomp = "needs seccomp(2) to stand for a kernel without event sources";
constexpr const char* kCgroups = "/sys/fs/cgroup";

TEST(EventChoice, off_is_off) {
  const auto choice = choose_event_feed(EventsMode::Off, {}, kCgroups);
  ASSERT_TRUE(choice.ok()) << choice.error().message;
  EXPECT_EQ(choice->feed, nullptr);
  EXPECT_TRUE(choice->refused.empty());
}

TEST(EventChoice, where_nothing_can_run_auto_says_why_and_leaves_it_to_the_looks) {
  const bool ran = with_refused(kNoEvents, [] {
    const auto choice = choose_event_feed(EventsMode::Auto, {}, kCgroups);
    ASSERT_TRUE(choice.ok()) << choice.error().message;
    EXPECT_EQ(choice->feed, nullptr);
    ASSERT_EQ(choice->refused.size(), 3U);
    EXPECT_TRUE(choice->refused[0].starts_with("bpf: ")) << choice->refused[0];
    EXPECT_TRUE(choice->refused[1].starts_with("perf: ")) << choice->refused[1];
    EXPECT_TRUE(choice->refused[2].starts_with("destroy: ")) << choice->refused[2];
    for (const std::string& line : choice->refused) EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  });
  if (!ran) GTEST_SKIP() << kNoSeccomp;
}

TEST(EventChoice, a_source_asked_for_by_name_must_run) {
  const bool ran = with_refused(kNoEvents, [] {
    for (const EventsMode mode : {EventsMode::Bpf, EventsMode::Perf, EventsMode::Destroy}) {
      const auto choice = choose_event_feed(mode, {}, kCgroups);
      ASSERT_FALSE(choice.ok()) << word(mode);
      const std::string beginning = "watch.events = \"" + std::string(word(mode)) + "\": ";
      EXPECT_TRUE(choice.error().message.starts_with(beginning)) << choice.error().message;
    }
  });
  if (!ran) GTEST_SKIP() << kNoSeccomp;
}

}  // namespace
}  // namespace sockwatch
