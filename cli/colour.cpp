// SPDX-License-Identifier: Apache-2.0
#include "cli/colour.h"

namespace sockwatch {
namespace {

// Only the eight colours that every theme, light or dark, defines (ECMA-48 8.3.117).
std::string_view sequence_of(Paint paint) {
  switch (paint) {
    case Paint::Plain:
      return "";
    case Paint::Heading:
      return "\x1b[1m";
    case Paint::Faint:
      return "\x1b[2m";
    case Paint::Good:
      return "\x1b[32m";
    case Paint::Doubtful:
      return "\x1b[33m";
    case Paint::Bad:
      return "\x1b[1;31m";
  }
  return "";
}

bool is_set(const char* variable) {
  return variable != nullptr && *variable != '\0';
}

}  // namespace

bool wants_colour(ColourMode mode, const ColourSurroundings& surroundings) {
  if (mode != ColourMode::Auto) return mode == ColourMode::Always;
  const bool dumb = is_set(surroundings.term) && std::string_view(surroundings.term) == "dumb";
  return surroundings.terminal && !dumb && !is_set(surroundings.no_color);
}

std::string painted(std::string_view text, Paint paint) {
  const std::string_view sequence = sequence_of(paint);
  if (sequence.empty() || text.empty()) return std::string(text);
  return std::string(sequence) + std::string(text) + "\x1b[0m";
}

}  // namespace sockwatch
