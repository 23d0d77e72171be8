// SPDX-License-Identifier: Apache-2.0
#include "lib/config/document.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sockwatch {
namespace {

TEST(Document, keeps_order_places_and_types) {
  const auto document = parse_document("f", "z = 1\n[a]\n  b = [true, \"x\"]\n  c = 1.5\n  d = 2026-01-31\n");
  ASSERT_TRUE(document) << document.error().message;
  ASSERT_EQ(document->size(), 2U);
  EXPECT_EQ(document->at(0).key, "z");
  EXPECT_EQ(*document->at(0).node.as<std::int64_t>(), 1);

  const Table& a = *document->at(1).node.as<Table>();
  ASSERT_EQ(a.size(), 3U);
  EXPECT_EQ(a[0].at.line, 3U);
  EXPECT_EQ(a[0].at.column, 3U);
  const Array& b = *a[0].node.as<Array>();
  EXPECT_EQ(b[1].at.column, 14U);
  EXPECT_EQ(*b[1].as<std::string>(), "x");
  EXPECT_EQ(*a[1].node.as<double>(), 1.5);
  EXPECT_NE(a[2].node.as<Moment>(), nullptr);
}

TEST(Document, an_array_of_tables_begins_at_its_header) {
  const auto document = parse_document("f", "\n[[rule]]\nname = \"a\"\n\n[[rule]]\nname = \"b\"\n");
  ASSERT_TRUE(document);
  const Array& rules = *document->at(0).node.as<Array>();
  EXPECT_EQ(rules[0].at.line, 2U);
  EXPECT_EQ(rules[1].at.line, 5U);
}

TEST(Document, what_is_not_toml_is_refused_with_its_place) {
  const struct {
    std::string text, message;
  } cases[] = {
      {"a = 1\na = 2", "f:2:5: bad key-value pair: cannot redefine existing integer 'a'"},
      {"[a]\n[a]\n", "f:2:1: bad table header: cannot redefine existing table 'a'"},
      {"a = 010", "f:1:8: bad decimal integer: leading zeroes are prohibited"},
      {"a = [1\nb", "f:2:1: bad array: expected comma or closing ']', saw 'b'"},
      {"a = \"x\ny\"",
       "f:1:7: bad string: unescaped control characters other than TAB (U+0009) are explicitly prohibited"},
      {"[é]", "f: is not valid TOML, expected table headers such as [watch] and [[rule]]"},
      {"é = 1", "f:1:1: bad root table: expected keys, tables, whitespace or comments, saw 'é'"},
      {"a = 3é", "f:1:6: bad decimal integer: expected digit, saw 'é'"},
      {"a = 3\xef\xbb\xb2", "f:1:6: bad decimal integer: expected digit, saw '\xef\xbb\xb2'"},
      {"a = \"\xff\"", "f:1:5: Encountered invalid utf-8 sequence"},
      {"a", "f:1:2: bad key-value pair: encountered end-of-file"},
      {"[[[a", "f: is not valid TOML, expected table headers such as [watch] and [[rule]]"},
  };
  for (const auto& each : cases) {
    const auto document = parse_document("f", each.text);
    ASSERT_FALSE(document) << each.text;
    EXPECT_EQ(document.error().message, each.message);
  }
}

TEST(Document, other_characters_than_ascii_are_welcome_where_toml_has_them) {
  const auto document = parse_document(
      "f", "\xEF\xBB\xBF# 端口\na = \"端\\\"口\" # é\nb = 'é\\' # é\nc = \"\"\"é\\\n é\"\"\"\n\"é\" = 1\n");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(*document->at(0).node.as<std::string>(), "端\"口");
  EXPECT_EQ(*document->at(1).node.as<std::string>(), "é\\");
  EXPECT_EQ(*document->at(2).node.as<std::string>(), "éé");
  EXPECT_EQ(document->at(3).key, "é");
}

TEST(Document, nesting_is_bounded_in_every_form) {
  std::string dotted = "a";
  for (int i = 0; i < 100000; ++i) dotted += ".a";
  std::string some_dots = "a";
  for (int i = 0; i < 100; ++i) some_dots += ".a";
  std::string headers;
  for (int i = 0; i < 200; ++i) headers += "[" + some_dots + "]\n" + some_dots + " = 1\n";
  std::string many_dots = "a";
  for (int i = 0; i < 500; ++i) many_dots += ".a";
  std::string deepest = "[" + many_dots + "]\n" + many_dots + " = ";
  for (int i = 0; i < 3; ++i) deepest += "[\n{ " + many_dots + " = ";
  deepest += "1 }\n] }\n] }\n]";
  const std::vector<std::string> cases = {
      deepest,
      "a = " + std::string(100000, '['),
      "a = [[[[[[[[1]]]]]]]]",
      "a = [[[[[[1]]]]]]",
      "a.b.c.d.e.f.g = 1",
      dotted + " = 1",
      "[" + dotted + "]",
      some_dots + " = 1",
      headers,
  };
  for (const std::string& text : cases) EXPECT_FALSE(parse_document("f", text)) << text.substr(0, 40);
  EXPECT_TRUE(parse_document("f", "a.b.c.d.e.f = 1"));
}

TEST(Document, too_deep_says_where) {
  const auto document = parse_document("f", "a = 1\nb.c.d.e.f.g.h = 1\n");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().message, "f:2:17: nested too deep, no key of sockwatch is");
}

}  // namespace
}  // namespace sockwatch
