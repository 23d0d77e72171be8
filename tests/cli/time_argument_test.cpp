// SPDX-License-Identifier: Apache-2.0
#include "cli/time_argument.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

const WallTime kNow = *parse_rfc3339("2026-03-01T12:30:00.250Z");

std::string read(std::string_view text) {
  const auto time = parse_time(text, kNow);
  return time.ok() ? to_rfc3339(*time) : "error";
}

// Two hours before UTC the day is another one in the evening only.
class LocalTime : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::setenv("TZ", "XYZ2", 1), 0);
    ::tzset();
  }
  void TearDown() override {
    (void)::unsetenv("TZ");
    ::tzset();
  }
};

TEST_F(LocalTime, is_what_people_say) {
  EXPECT_EQ(read("90m"), "2026-03-01T11:00:00.250Z");
  EXPECT_EQ(read("2026-02-01T00:00:00.125Z"), "2026-02-01T00:00:00.125Z");
  EXPECT_EQ(read("today"), "2026-03-01T02:00:00.000Z");
  EXPECT_EQ(read("yesterday"), "2026-02-28T02:00:00.000Z");
  EXPECT_EQ(read("2026-02-03"), "2026-02-03T02:00:00.000Z");
  EXPECT_EQ(read("2026-02-03 04:05"), "2026-02-03T06:05:00.000Z");
  EXPECT_EQ(read("2026-02-03 04:05:06"), "2026-02-03T06:05:06.000Z");
}

TEST_F(LocalTime, is_nothing_else) {
  for (const char* text :
       {"", "now", "24", "-24h", "2026-02-30", "2026-13-01", "2026-02-03 25:00", "2026-02-03 04:05 ",
        "03.02.2026", "tomorrow", "2026-02-03T04:05:06Z", "1026-01-01", "9999-01-01"}) {
    EXPECT_EQ(read(text), "error") << text;
  }
  EXPECT_NE(parse_time("so\x1b", kNow).error().message.find("\"so\\x1b\" is no time, expected"),
            std::string::npos);
}

}  // namespace
}  // namespace sockwatch
