// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/build.h"

#include <gtest/gtest.h>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

TEST(Build, the_version_is_three_numbers) {
  const std::string version = build_info().version;
  const auto parts = split(version, '.');
  ASSERT_EQ(parts.size(), 3U) << version;
  for (const auto part : parts) EXPECT_TRUE(parse_integer<unsigned>(part)) << version;
}

TEST(Build, the_revision_is_one_word) {
  const std::string revision = build_info().revision;
  EXPECT_FALSE(revision.empty());
  EXPECT_EQ(revision.find_first_of(" \n\""), std::string::npos) << revision;
}

TEST(Build, a_program_says_who_it_is_in_one_line) {
  const BuildInfo build = build_info();
  EXPECT_EQ(version_line("sockwatchd"), "sockwatchd " + build.version + " (revision " + build.revision + ")");
}

}  // namespace
}  // namespace sockwatch
