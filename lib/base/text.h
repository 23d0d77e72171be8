// SPDX-License-Identifier: Apache-2.0
// Strict reading of small texts and safe showing of foreign ones. Pure; no locale.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace sockwatch {

// The whole text as a number: no sign for unsigned types, no blanks, no rest, no overflow.
template <typename Integer>
std::optional<Integer> parse_integer(std::string_view text, int base = 10) {
  Integer value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

// "250ms", "10s", "5m", "24h", "30d": a positive whole number and a unit.
std::optional<Duration> parse_duration(std::string_view text);
// The shortest of the forms above that is exact.
std::string to_string(Duration duration);

std::string_view trim(std::string_view text);
// The parts between separators, empty ones included.
std::vector<std::string_view> split(std::string_view text, char separator);

// Foreign text (a process name, a path) for a terminal, a log line, a label: control characters, line
// separators, bidirectional controls, what is not seen (zero width, tags, selectors), backslashes and invalid
// UTF-8 become \xNN; everything else stays. The result is always valid UTF-8 on one line.
std::string printable(std::string_view text);
// A text made of such parts, on its way out: whatever was forgotten is escaped, what is escaped already stays
// as it is, so that nothing is escaped twice. Backslashes stay.
std::string one_line(std::string_view text);
// Length in bytes of the valid UTF-8 sequence (RFC 3629) that `text`, not empty, begins with; 0 where there
// is none.
std::size_t utf8_sequence_length(std::string_view text);
// Whether the whole text is valid UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

// RFC 3339 in UTC with milliseconds: "2026-01-31T12:00:03.250Z".
std::string to_rfc3339(WallTime time);
// The way back, of this form alone, from 1970 to 2261; no such day is no time.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace sockwatch
