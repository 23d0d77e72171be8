// SPDX-License-Identifier: Apache-2.0
#include "lib/base/text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <utility>

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

TEST(ParseInteger, takes_whole_numbers_that_fit) {
  const std::pair<std::string_view, std::uint16_t> good[] = {
      {"0", 0}, {"22", 22}, {"0080", 80}, {"65535", 65535}};
  for (const auto& [text, value] : good) EXPECT_EQ(parse_integer<std::uint16_t>(text), value) << text;
  EXPECT_EQ(parse_integer<int>("-5"), -5);
  EXPECT_EQ(parse_integer<std::uint32_t>("0100007F", 16), 0x0100007FU);
  EXPECT_EQ(parse_integer<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
}

TEST(ParseInteger, takes_nothing_else) {
  const std::string bad[] = {"",
                             " ",
                             " 22",
                             "22 ",
                             "+22",
                             "-22",
                             "-0",
                             "65536",
                             "22x",
                             "0x16",
                             "2 2",
                             "1e3",
                             "1.0",
                             "22\n",
                             "22\0"s,
                             "\0"s,
                             "--1",
                             "１",
                             "99999999999999999999999999999999"};
  for (const std::string& text : bad) EXPECT_EQ(parse_integer<std::uint16_t>(text), std::nullopt) << text;
  EXPECT_EQ(parse_integer<int>("+5"), std::nullopt);
  EXPECT_EQ(parse_integer<int>("2147483648"), std::nullopt);
  EXPECT_EQ(parse_integer<int>("g", 16), std::nullopt);
}

TEST(ParseDuration, takes_a_positive_number_and_a_unit) {
  const std::pair<std::string_view, Duration> good[] = {
      {"1ms", 1ms},
      {"250ms", 250ms},
      {"10s", 10s},
      {"010s", 10s},
      {"90s", 90s},
      {"5m", 5min},
      {"24h", 24h},
      {"30d", 30 * 24h},
      {"106751d", 106751 * 24h},  // what fits 64 bits of nanoseconds
      {"9223372036854ms", 9223372036854 * 1ms},
  };
  for (const auto& [text, value] : good) EXPECT_EQ(parse_duration(text), value) << text;
}

TEST(ParseDuration, takes_nothing_else) {
  const std::string_view bad[] = {"",
                                  "5",
                                  "s",
                                  "ms",
                                  "0s",
                                  "0ms",
                                  "-5s",
                                  "+5s",
                                  "5 s",
                                  " 5s",
                                  "5s ",
                                  "1.5s",
                                  "5S",
                                  "5MS",
                                  "5us",
                                  "5ns",
                                  "5min",
                                  "5sec",
                                  "5w",
                                  "1h30m",
                                  "5s5s",
                                  "0x5s",
                                  "5e1s",
                                  "infinity",
                                  "106752d",
                                  "9223372036855ms",
                                  "99999999999999999999s"};
  for (const std::string_view text : bad) EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(DurationText, is_the_shortest_exact_form_and_reads_back) {
  const std::pair<Duration, std::string_view> cases[] = {{250ms, "250ms"}, {1500ms, "1500ms"}, {10s, "10s"},
                                                         {90s, "90s"},     {60s, "1m"},        {90min, "90m"},
                                                         {24h, "1d"},      {36h, "36h"},       {720h, "30d"}};
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(to_string(duration), text);
    EXPECT_EQ(parse_duration(text), duration);
  }
  EXPECT_EQ(to_string(Duration(0)), "0ms");
}

TEST(Trim, takes_blanks_off_both_ends_only) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Split, keeps_empty_parts) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a:b", ':'), (Parts{"a", "b"}));
  EXPECT_EQ(split(":a::", ':'), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("", ':'), (Parts{""}));
}

constexpr std::string_view kValidSequences[] = {
    "a",
    "\x7F",
    "\xC2\x80",
    "\xDF\xBF",
    "\xE0\xA0\x80",
    "\xEC\x80\x80",
    "\xED\x9F\xBF",  // the last before the surrogates
    "\xEE\x80\x80",  // the first after them
    "\xEF\xBF\xBF",
    "\xF0\x90\x80\x80",
    "\xF4\x8F\xBF\xBF",  // U+10FFFF
};

constexpr std::string_view kInvalidSequences[] = {
    "\x80",  // a continuation alone
    "\xBF",
    "\xC2",  // cut short
    "\xE0\xA0",
    "\xE2",
    "\xF0\x90\x80",
    "\xC2"
    "a",  // not continued
    "\xE1\x80"
    "a",
    "\xE1"
    "a\x80",
    "\xF1\x80\x80"
    "a",
    "\xF1"
    "a\x80\x80",
    "\xC0\x80",  // overlong: NUL in two bytes, and so on
    "\xC1\xBF",
    "\xE0\x80\xAF",
    "\xE0\x9F\xBF",
    "\xF0\x80\x80\xAF",
    "\xF0\x8F\xBF\xBF",
    "\xED\xA0\x80",  // surrogates
    "\xED\xBF\xBF",
    "\xF4\x90\x80\x80",  // past U+10FFFF
    "\xF5\x80\x80\x80",
    "\xF8\x88\x80\x80\x80",
    "\xFE",
    "\xFF",
};

TEST(Utf8, valid_sequences_are_measured) {
  for (const std::string_view text : kValidSequences) {
    EXPECT_EQ(utf8_sequence_length(text), text.size()) << testing::PrintToString(text);
    EXPECT_EQ(utf8_sequence_length(std::string(text) + "\xFF"), text.size());
    EXPECT_TRUE(is_utf8(text));
  }
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("\0"s));
}

TEST(Utf8, invalid_sequences_have_no_length) {
  for (const std::string_view text : kInvalidSequences) {
    EXPECT_EQ(utf8_sequence_length(text), 0U) << testing::PrintToString(text);
    EXPECT_FALSE(is_utf8("fine " + std::string(text)));
  }
}

TEST(Printable, leaves_readable_text_alone) {
  for (const std::string_view text :
       {"", "sshd", "a b", "naïve", "日本語", "🦊", "\"quoted\"", "$(x)", "\xC2\xA0"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, escapes_what_a_terminal_or_a_reader_could_obey) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"a\nb", "a\\x0ab"},
      {"\r\t", "\\x0d\\x09"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"\0"s, "\\x00"},
      {"a\0b"s, "a\\x00b"},
      {"\x7F", "\\x7f"},
      {"\\", "\\x5c"},  // else "\x0a" in a name looks like an escaped newline
      {"\\x0a", "\\x5cx0a"},
      {"\xC2\x80", "\\xc2\\x80"},  // C1
      {"\xC2\x9B"
       "31m",
       "\\xc2\\x9b31m"},  // CSI in one character
      {"\xC2\x9F", "\\xc2\\x9f"},
      {"\xD8\x9C", "\\xd8\\x9c"},           // Arabic letter mark
      {"\xE2\x80\x8E", "\\xe2\\x80\\x8e"},  // left-to-right mark
      {"\xE2\x80\x8F", "\\xe2\\x80\\x8f"},  // right-to-left mark
      {"\xE2\x80\xA8", "\\xe2\\x80\\xa8"},  // line separator
      {"\xE2\x80\xA9", "\\xe2\\x80\\xa9"},  // paragraph separator
      {"\xE2\x80\xAA", "\\xe2\\x80\\xaa"},  // embeddings and overrides
      {"exe\xE2\x80\xAE"
       "gpj",
       "exe\\xe2\\x80\\xaegpj"},
      {"\xE2\x81\xA6", "\\xe2\\x81\\xa6"},  // isolates
      {"\xE2\x81\xA9", "\\xe2\\x81\\xa9"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(printable(text), expected);
}

TEST(Printable, what_is_not_seen_becomes_visible) {
  for (const std::string_view unseen :
       {"\u00AD",     "\u034F",     "\u061C",     "\u115F",     "\u17B4",     "\u180B",
        "\u180E",     "\u200B",     "\u200C",     "\u200D",     "\u2060",     "\u2064",
        "\u2065",     "\u206A",     "\u206F",     "\u2800",     "\u3164",     "\uFE00",
        "\uFE0F",     "\uFEFF",     "\uFFA0",     "\uFFF9",     "\U0001BCA0", "\U0001D173",
        "\U000E0001", "\U000E0020", "\U000E007F", "\U000E0100", "\U000E01EF"}) {
    const std::string shown = printable("ss" + std::string(unseen) + "hd");
    EXPECT_EQ(shown.size(), 4 + 4 * unseen.size()) << shown;
    EXPECT_EQ(shown.substr(0, 4), "ss\\x") << shown;
  }
}

TEST(Printable, neighbours_of_the_escaped_characters_stay) {
  for (const std::string_view text :
       {"\u00A0", "\u00AC", "\u00AE", "\u0350",     "\u2010",     "\u2027",     "\u202F",
        "\u205F", "\u2070", "\u20AC", "\u2801",     "\u3000",     "\u3163",     "\uFDFF",
        "\uFE10", "\uFFFC", "\uFFFD", "\U0001D172", "\U000DFFFF", "\U000E1000", "\U0010FFFF"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, invalid_bytes_become_visible_one_by_one) {
  EXPECT_EQ(printable("\xFF"
                      "a\xE2\x82"),
            "\\xffa\\xe2\\x82");
  EXPECT_EQ(printable("\xC3\xC3\xA9"), "\\xc3\xC3\xA9");
  for (const std::string_view text : kInvalidSequences) {
    const std::string shown = printable(text);
    EXPECT_TRUE(is_utf8(shown));
    EXPECT_EQ(shown.substr(0, 2), "\\x");
  }
}

TEST(Printable, every_byte_alone_gives_valid_text_on_one_line) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string shown = printable(std::string(1, static_cast<char>(byte)));
    EXPECT_TRUE(is_utf8(shown)) << byte;
    EXPECT_EQ(shown.find_first_of("\n\r\x1b"), std::string::npos) << byte;
    EXPECT_EQ(shown.size(), byte >= 0x20 && byte < 0x7F && byte != '\\' ? 1U : 4U) << byte;
  }
}

TEST(Rfc3339, is_utc_with_milliseconds) {
  const std::pair<Duration, std::string_view> cases[] = {
      {0s, "1970-01-01T00:00:00.000Z"},
      {1769860803250ms, "2026-01-31T12:00:03.250Z"},
      {1709164800s, "2024-02-29T00:00:00.000Z"},
      {999999ns, "1970-01-01T00:00:00.000Z"},  // cut, never rounded into the future
      {1999999999ns, "1970-01-01T00:00:01.999Z"},
      {-1ns, "1969-12-31T23:59:59.999Z"},
      {-1s, "1969-12-31T23:59:59.000Z"},
      {-1001ms, "1969-12-31T23:59:58.999Z"},
      {Duration::max(), "2262-04-11T23:47:16.854Z"},
      {Duration::min(), "1677-09-21T00:12:43.145Z"},
  };
  for (const auto& [since, text] : cases) EXPECT_EQ(to_rfc3339(WallTime(since)), text);
}

TEST(Rfc3339, reads_what_it_writes_and_nothing_else) {
  for (const char* text :
       {"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "2026-11-24T06:29:40.495Z"}) {
    ASSERT_TRUE(parse_rfc3339(text)) << text;
    EXPECT_EQ(to_rfc3339(*parse_rfc3339(text)), text);
  }
  for (const char* text :
       {"", "2026-11-24", "2026-11-24T06:29:40Z", "2026-11-24T06:29:40.495", "2026-11-24 06:29:40.495Z",
        "2026-13-24T06:29:40.495Z", "2026-02-29T06:29:40.495Z", "2026-11-24T24:29:40.495Z",
        "2026-11-24T06:60:40.495Z", "2026-11-24T06:29:60.495Z", "+026-11-24T06:29:40.495Z",
        "2026-11-24T06:29:40.-95Z", "2026-11-24T06:29:40.495z", "2026-11-24T06:29:40.4950Z",
        "1026-01-01T00:00:00.000Z", "2262-01-01T00:00:00.000Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace sockwatch
