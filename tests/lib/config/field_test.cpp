// SPDX-License-Identifier: Apache-2.0
#include "lib/config/field.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "lib/model/socket_record.h"
#include "lib/model/verdict.h"

namespace sockwatch {
namespace {

// Applies `read` to the only key of `text` and returns what it complained about.
template <typename Read>
std::string complaint(const std::string& text, Read read) {
  const auto document = parse_document("f", text);
  EXPECT_TRUE(document) << text;
  Problems problems;
  (void)read(KeyValue("f", document->at(0), problems));
  return problems.empty() ? "" : problems.error().message;
}

TEST(KeyValue, gives_values_of_the_right_type) {
  EXPECT_EQ(complaint("a = true", [](const KeyValue& f) { EXPECT_EQ(f.boolean(), true); }), "");
  EXPECT_EQ(complaint("a = 7", [](const KeyValue& f) { EXPECT_EQ(f.integer(1, 7, ""), 7); }), "");
  EXPECT_EQ(complaint("a = \"x\"", [](const KeyValue& f) { EXPECT_EQ(f.text(""), "x"); }), "");
  EXPECT_EQ(complaint("a = \"udp\"", [](const KeyValue& f) { EXPECT_EQ(f.word<Protocol>(), Protocol::Udp); }),
            "");
  EXPECT_EQ(complaint("a = {}", [](const KeyValue& f) { EXPECT_NE(f.table(), nullptr); }), "");
}

TEST(KeyValue, a_wrong_type_names_both_types) {
  const auto boolean = [](const KeyValue& f) { return f.boolean(); };
  EXPECT_EQ(complaint("a = 1", boolean), "f:1:5: a = 1 is an integer, expected true or false");
  EXPECT_EQ(complaint("a = \"1\"", boolean), "f:1:5: a = \"1\" is a string, expected true or false");
  EXPECT_EQ(complaint("a = 1.5", boolean), "f:1:5: a is a float, expected true or false");
  EXPECT_EQ(complaint("a = []", boolean), "f:1:5: a is an array, expected true or false");
  EXPECT_EQ(complaint("a = {}", boolean), "f:1:5: a is a table, expected true or false");
  EXPECT_EQ(complaint("a = 2026-01-31", boolean), "f:1:5: a is a date or time, expected true or false");
  EXPECT_EQ(complaint("a = true", [](const KeyValue& f) { return f.table(); }),
            "f:1:5: a = true is a boolean, expected a table");
}

TEST(KeyValue, an_integer_outside_its_range_is_refused) {
  const auto port = [](const KeyValue& f) { return f.integer(1, 65535, "a port"); };
  EXPECT_EQ(complaint("a = 70000", port), "f:1:5: a = 70000 is out of range, expected a port");
  EXPECT_EQ(complaint("a = 0", port), "f:1:5: a = 0 is out of range, expected a port");
  EXPECT_EQ(complaint("a = -1", port), "f:1:5: a = -1 is out of range, expected a port");
}

TEST(KeyValue, a_nul_byte_is_refused) {
  EXPECT_EQ(complaint("a = \"x\\u0000y\"", [](const KeyValue& f) { return f.text("a name"); }),
            "f:1:5: a = \"x\\x00y\" holds a NUL byte, expected a name");
}

TEST(KeyValue, a_word_outside_its_set_lists_the_set) {
  EXPECT_EQ(complaint("a = \"x\"", [](const KeyValue& f) { return f.word<VerdictKind>(); }),
            "f:1:5: a = \"x\" is unknown, expected \"expected\", \"unexpected\", \"ignored\" or \"pending\"");
}

TEST(KeyValue, one_value_reads_as_a_list_of_one) {
  (void)complaint("a = 1", [](const KeyValue& f) {
    EXPECT_EQ(f.one_or_more().size(), 1U);
    return 0;
  });
  (void)complaint("a = [1, 2]", [](const KeyValue& f) {
    EXPECT_EQ(f.one_or_more().size(), 2U);
    return 0;
  });
  EXPECT_EQ(complaint("a = []", [](const KeyValue& f) { return f.one_or_more(); }),
            "f:1:5: a is an empty list, expected at least one value");
}

TEST(KeyValue, a_long_value_is_cut_in_the_message) {
  const std::string message =
      complaint("a = \"" + std::string(100, 'x') + "\"", [](const KeyValue& f) { return f.boolean(); });
  EXPECT_EQ(message, "f:1:5: a = \"" + std::string(60, 'x') + "…\" is a string, expected true or false");
}

TEST(KeyValue, an_unknown_key_gets_a_hint) {
  constexpr std::array<std::string_view, 2> known{"name", "port"};
  const auto document = parse_document("f", "  prot = 1\n");
  Problems problems;
  reject_unknown_key("f", document->at(0), "a rule", known, problems);
  EXPECT_EQ(problems.error().message, "f:1:3: unknown key \"prot\" in a rule, did you mean \"port\"?");
}

}  // namespace
}  // namespace sockwatch
