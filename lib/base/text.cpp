// SPDX-License-Identifier: Apache-2.0
#include "lib/base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <limits>
#include <utility>

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, Duration>, 5> kUnits{
    {{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

struct CodePoints {
  char32_t first, last;
};

// What a terminal or a reader could obey, or not see: Unicode's Default_Ignorable_Code_Point and the
// controls. Blanks that are seen as blanks stay.
constexpr CodePoints kUnseen[] = {
    {0x0000, 0x001F},    // C0
    {0x007F, 0x009F},    // DEL, C1: some terminals obey these like escape sequences
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark: reorders what stands beside it, as U+200E and more below
    {0x115F, 0x1160},    // Hangul fillers
    {0x17B4, 0x17B5},    // Khmer inherent vowels
    {0x180B, 0x180F},    // Mongolian selectors and vowel separator
    {0x200B, 0x200F},    // zero width space and joiners, directional marks
    {0x2028, 0x202E},    // line and paragraph separators, embeddings and overrides
    {0x2060, 0x206F},    // word joiner, invisible operators, isolates
    {0x2800, 0x2800},    // the braille pattern without a dot
    {0x3164, 0x3164},    // Hangul filler
    {0xFE00, 0xFE0F},    // variation selectors
    {0xFEFF, 0xFEFF},    // zero width no-break space
    {0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    {0xFFF0, 0xFFFB},    // interlinear annotation
    {0xFFFE, 0xFFFF},    // no characters
    {0x1BCA0, 0x1BCA3},  // shorthand format controls
    {0x1D173, 0x1D17A},  // musical format controls
    {0xE0000, 0xE0FFF},  // tags, more variation selectors
};

// Of a valid sequence.
char32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(sequence[i]); };
  char32_t value = sequence.size() == 1 ? byte(0) : byte(0) & (0xFFU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) value = (value << 6) | (byte(i) & 0x3FU);
  return value;
}

bool is_unseen(std::string_view sequence) {
  const char32_t value = code_point(sequence);
  if (value >= 0x20 && value < 0x7F) return false;
  return std::any_of(std::begin(kUnseen), std::end(kUnseen), [value](const CodePoints& range) {
    return range.first <= value && value <= range.last;
  });
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 0xF];
  }
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  const auto count = parse_integer<std::int64_t>(text.substr(0, digits));
  if (!count || *count == 0) return std::nullopt;
  for (const auto& [name, unit] : kUnits) {
    if (text.substr(digits) != name) continue;
    if (*count > std::numeric_limits<std::int64_t>::max() / unit.count()) return std::nullopt;
    return *count * unit;
  }
  return std::nullopt;
}

std::string to_string(Duration duration) {
  for (const auto& [name, unit] : kUnits) {
    if (duration >= unit && duration % unit == 0ns)
      return std::to_string(duration / unit) + std::string(name);
  }
  return std::to_string(duration / 1ms) + "ms";
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::size_t utf8_sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;   // overlong
    if (first == 0xED && byte(1) >= 0xA0) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;   // overlong
    if (first == 0xF4 && byte(1) >= 0x90) return 0;  // past U+10FFFF
    return 4;
  }
  return 0;
}

namespace {

std::string escaped_text(std::string_view text, std::string_view also) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_unseen(sequence) || sequence == also) {
      append_escaped(out, sequence);
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  return escaped_text(text, "\\");
}

std::string one_line(std::string_view text) {
  return escaped_text(text, "");
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string to_rfc3339(WallTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000;
  std::tm utc{};
  (void)::gmtime_r(&seconds, &utc);  // fails only for years that do not fit an int
  std::array<char, 64> buffer{};
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 8> fraction{};
  (void)std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                      static_cast<int>(milliseconds - seconds * 1000));
  return std::string(buffer.data(), length) + fraction.data();
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
  if (text.size() != kForm.size()) return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t digits) {
    return parse_integer<unsigned>(text.substr(at, digits));
  };
  const auto year = number(0, 4);
  const auto month = number(5, 2);
  const auto day = number(8, 2);
  const auto hour = number(11, 2);
  const auto minute = number(14, 2);
  const auto second = number(17, 2);
  const auto millisecond = number(20, 3);
  if (!year || !month || !day || !hour || !minute || !second || !millisecond) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  // Nanoseconds since 1970 fit 64 bits until 2262.
  if (!date.ok() || *year < 1970 || *year > 2261) return std::nullopt;
  const WallTime time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                        std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
                        std::chrono::milliseconds(*millisecond);
  // Separators, and hours past 23, show in what it would be written as.
  if (to_rfc3339(time) != text) return std::nullopt;
  return time;
}

}  // namespace sockwatch
