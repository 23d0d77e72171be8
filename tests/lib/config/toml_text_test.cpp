// SPDX-License-Identifier: Apache-2.0
#include "lib/config/toml_text.h"

#include <gtest/gtest.h>

#include "lib/base/text.h"
#include "lib/config/document.h"

namespace sockwatch {
namespace {

TEST(TomlQuote, is_plain_where_it_can_be) {
  EXPECT_EQ(toml_quote(""), "\"\"");
  EXPECT_EQ(toml_quote("ssh.service"), "\"ssh.service\"");
  EXPECT_EQ(toml_quote("café 端口"), "\"café 端口\"");
}

TEST(TomlQuote, escapes_what_would_end_or_disturb_the_line) {
  EXPECT_EQ(toml_quote("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(toml_quote("a\nb\x1b\x7f"), "\"a\\u000ab\\u001b\\u007f\"");
  EXPECT_EQ(toml_quote("\xc2\x9b\xe2\x80\xae"), "\"\\u009b\\u202e\"");
  EXPECT_EQ(toml_quote("a\xff\xc3z"), "\"a\\ufffd\\ufffdz\"");
  EXPECT_EQ(toml_quote("\u200b\U000e0001"), "\"\\u200b\\U000e0001\"");
}

TEST(TomlQuote, reads_back_as_what_was_meant) {
  std::string every_byte_below_128;
  for (char c = 0; c < 127; ++c) every_byte_below_128 += c;
  for (const std::string& text :
       {every_byte_below_128, std::string("\x7f\xc2\x80\xe2\x80\xa8\xf0\x9f\x90\x9f\U000e0001")}) {
    const std::string quoted = toml_quote(text);
    EXPECT_TRUE(is_utf8(quoted));
    const auto document = parse_document("f", "a = " + quoted);
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(*document->at(0).node.as<std::string>(), text);
  }
}

}  // namespace
}  // namespace sockwatch
