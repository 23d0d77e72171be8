// SPDX-License-Identifier: Apache-2.0
// When output is coloured, and with what. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/words.h"

namespace sockwatch {

enum class ColourMode : std::uint8_t { Auto, Always, Never };
template <>
struct Words<ColourMode> {
  static constexpr std::array<std::string_view, 3> values = {"auto", "always", "never"};
};

// What `auto` depends on. Null where the variable is not set.
struct ColourSurroundings {
  bool terminal = false;
  const char* no_color = nullptr;  // NO_COLOR
  const char* term = nullptr;      // TERM
};

// `auto`: on a terminal that is not dumb, and never where NO_COLOR is set to anything. A person who says
// `always` on the command line means it (no-color.org puts options above the variable).
bool wants_colour(ColourMode mode, const ColourSurroundings& surroundings);

// What a piece of text is, rather than how it looks.
enum class Paint : std::uint8_t { Plain, Heading, Faint, Good, Doubtful, Bad };

// The text between the escape sequences of its paint.
std::string painted(std::string_view text, Paint paint);

}  // namespace sockwatch
