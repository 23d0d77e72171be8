// SPDX-License-Identifier: Apache-2.0
#include "cli/colour.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(Colour, is_for_terminals_unless_somebody_says_otherwise) {
  struct {
    ColourMode mode;
    ColourSurroundings surroundings;
    bool wanted;
  } const cases[] = {
      {ColourMode::Auto, {true, nullptr, "xterm"}, true},
      {ColourMode::Auto, {true, nullptr, nullptr}, true},
      {ColourMode::Auto, {true, "", "xterm"}, true},  // no-color.org: empty is not set
      {ColourMode::Auto, {false, nullptr, "xterm"}, false},
      {ColourMode::Auto, {true, "1", "xterm"}, false},
      {ColourMode::Auto, {true, "0", "xterm"}, false},
      {ColourMode::Auto, {true, nullptr, "dumb"}, false},
      {ColourMode::Always, {false, "1", "dumb"}, true},
      {ColourMode::Never, {true, nullptr, "xterm"}, false},
  };
  for (const auto& [mode, surroundings, wanted] : cases) {
    EXPECT_EQ(wants_colour(mode, surroundings), wanted)
        << word(mode) << " terminal=" << surroundings.terminal
        << " NO_COLOR=" << (surroundings.no_color ? surroundings.no_color : "(unset)");
  }
}

TEST(Colour, ends_where_the_text_ends) {
  EXPECT_EQ(painted("unexpected", Paint::Bad), "\x1b[1;31munexpected\x1b[0m");
}

TEST(Colour, plain_and_empty_texts_carry_no_sequences) {
  EXPECT_EQ(painted("tcp", Paint::Plain), "tcp");
  EXPECT_EQ(painted("", Paint::Bad), "");
}

}  // namespace
}  // namespace sockwatch
