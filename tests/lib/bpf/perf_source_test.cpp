// SPDX-License-Identifier: Apache-2.0
// What it answers where it cannot run; what it hears is in sources_live_test.cpp.
#include "lib/bpf/perf_source.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "tests/fakes/file_tree.h"
#include "tests/lib/monitor/refused_calls.h"

namespace sockwatch {
namespace {

// A tracefs with the tracepoint in it, as text.
class PerfSourceTest : public testing::Test {
 protected:
  PerfSourceTest() {
    std::ifstream file(SOCKWATCH_TESTS_DIR "/fixtures/tracefs/inet_sock_set_state.format");
    std::stringstream format;
    format << file.rdbuf();
    tracefs_.write("events/sock/inet_sock_set_state/format", format.str());
    tracefs_.write("events/sock/inet_sock_set_state/id", "2287\n");
  }
  std::string refusal() const {
    const auto source = PerfSource::open(tracefs_.path(), {});
    return source.ok() ? "opened" : source.error().message;
  }

  FileTree tracefs_;
};

TEST_F(PerfSourceTest, without_tracefs_says_what_is_missing) {
  const auto source = PerfSource::open(tracefs_.path() + "/elsewhere", {});
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().code, ENOENT);
  EXPECT_NE(source.error().message.find("events/sock/inet_sock_set_state"), std::string::npos)
      << source.error().message;
}

TEST_F(PerfSourceTest, needs_both_files_of_the_tracepoint) {
  for (const char* name : {"format", "id"}) {
    FileTree copy;
    for (const char* other : {"format", "id"}) {
      if (other != std::string(name))
        copy.write(std::string("events/sock/inet_sock_set_state/") + other, "1");
    }
    const auto source = PerfSource::open(copy.path(), {});
    ASSERT_FALSE(source.ok());
    EXPECT_NE(source.error().message.find(name), std::string::npos) << source.error().message;
  }
}

TEST_F(PerfSourceTest, an_id_that_is_no_number_is_shown) {
  for (const char* id : {"", "x", "-1", "22 87", "99999999999999999999"}) {
    tracefs_.write("events/sock/inet_sock_set_state/id", std::string(id) + "\n");
    EXPECT_EQ(refusal(), "tracepoint id: \"" + std::string(id) + "\", expected a number");
  }
}

TEST_F(PerfSourceTest, another_format_is_refused) {
  tracefs_.write("events/sock/inet_sock_set_state/format", "name: inet_sock_set_state\n");
  EXPECT_EQ(refusal(), "tracepoint format: no field \"skaddr\" of 8 bytes");
}

TEST_F(PerfSourceTest, refused_by_the_kernel_is_one_line_with_the_reason) {
  const bool ran = with_refused({{SYS_perf_event_open, EACCES}},
                                [this] { EXPECT_EQ(refusal(), "perf_event_open: Permission denied"); });
  if (!ran) GTEST_SKIP() << "needs seccomp(2)";
}

}  // namespace
}  // namespace sockwatch
