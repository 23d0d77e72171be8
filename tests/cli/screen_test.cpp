// SPDX-License-Identifier: Apache-2.0
#include "cli/screen.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(Redrawn, a_shorter_text_leaves_nothing_of_a_longer_one) {
  EXPECT_EQ(redrawn("ab\nc\n", 5), "\x1b[Hab\x1b[K\nc\x1b[K\x1b[J");
}

TEST(Redrawn, what_just_fits_is_shown_whole) {
  EXPECT_EQ(redrawn("a\nb", 2), "\x1b[Ha\x1b[K\nb\x1b[K\x1b[J");
}

TEST(Redrawn, what_does_not_fit_is_counted_and_never_scrolls) {
  EXPECT_EQ(redrawn("a\nb\nc\nd\n", 3), "\x1b[Ha\x1b[K\nb\x1b[K\n… and 2 more lines\x1b[K\x1b[J");
  EXPECT_EQ(redrawn("a\nb\n", 1), "\x1b[H… and 2 more lines\x1b[K\x1b[J");
}

TEST(Redrawn, a_screen_of_unknown_height_takes_all) {
  EXPECT_EQ(redrawn("a\nb\n", 0), "\x1b[Ha\x1b[K\nb\x1b[K\x1b[J");
}

}  // namespace
}  // namespace sockwatch
