// SPDX-License-Identifier: Apache-2.0
#include "lib/config/yaml_document.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

std::string error_of(std::string_view text) {
  const auto tree = parse_yaml("web.yml", text);
  return tree.ok() ? "" : tree.error().message;
}

TEST(YamlDocument, a_tree_knows_the_place_of_every_key_and_value) {
  const auto tree =
      parse_yaml("web.yml", "top:\n  é: [a, 'b']\n  flag: yes\n  quoted: \"yes\"\n  number: 5\n  nothing:\n");
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  ASSERT_EQ(tree->size(), 1U);
  const Table& table = *tree->front().node.as<Table>();
  ASSERT_EQ(table.size(), 5U);
  EXPECT_EQ(table[0].key, "é");
  const Array& list = *table[0].node.as<Array>();
  EXPECT_EQ(*list[1].as<std::string>(), "b");
  EXPECT_EQ(std::pair(list[1].at.line, list[1].at.column), std::pair(2U, 10U)) << "columns count code points";
  EXPECT_EQ(*table[1].node.as<bool>(), true);
  EXPECT_EQ(std::pair(table[1].at.line, table[1].at.column), std::pair(3U, 3U));
  EXPECT_EQ(*table[2].node.as<std::string>(), "yes");
  EXPECT_EQ(*table[3].node.as<std::string>(), "5");
  EXPECT_EQ(*table[4].node.as<std::string>(), "");
  EXPECT_EQ(table[4].node.at.line, 6U) << "what is not there is where its key is";
}

TEST(YamlDocument, a_merge_key_adds_what_is_not_there) {
  const auto tree = parse_yaml("web.yml",
                               "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\n"
                               "one: {<<: *base, b: 9}\ntwo: {b: 9, <<: [*base, *other]}\n\"<<\": text\n");
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  const auto text_of = [&](std::size_t index) {
    std::string text;
    for (const Entry& entry : *tree->at(index).node.as<Table>())
      text += entry.key + "=" + *entry.node.as<std::string>() + " ";
    return text;
  };
  EXPECT_EQ(text_of(2), "b=9 a=1 ");
  EXPECT_EQ(text_of(3), "b=9 a=1 c=4 ");
  EXPECT_EQ(tree->at(4).key, "<<") << "in quotes it is a key like any other";
  EXPECT_EQ(error_of("a: {<<: 1}\n"), "web.yml:1:5: << merges something else than mappings");
}

TEST(YamlDocument, what_was_read_is_not_quoted) {
  for (const char* text : {"a: *hunter2\n", "a: !hunter2 x\n", "hunter2: 1\nhunter2: 2\n",
                           "a: \"\\q hunter2\n", "{hunter2, hunter2}\n", "a: [hunter2\n",
                           "? hunter2\n: b: c\n", "%hunter2\n---\n", "a: hunter2: b\n"}) {
    const auto tree = parse_yaml("web.yml", text);
    if (tree.ok()) continue;
    EXPECT_EQ(tree.error().message.find("hunter2"), std::string::npos) << tree.error().message;
  }
}

TEST(YamlDocument, an_empty_text_is_an_empty_tree) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "{}", "~\n"}) {
    const auto tree = parse_yaml("web.yml", text);
    ASSERT_TRUE(tree.ok()) << text << tree.error().message;
    EXPECT_TRUE(tree->empty()) << text;
  }
}

TEST(YamlDocument, what_no_such_file_needs_is_refused_with_its_place) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"a: 1\na: 2\n", "web.yml:2:1: this key is there twice"},
      {"a:\n  b: 1\n  b: 2\n", "web.yml:3:3: this key is there twice"},
      {"- a\n", "web.yml:1:1: expected a mapping, \"key: value\" lines"},
      {"text\n", "web.yml:1:1: expected a mapping, \"key: value\" lines"},
      {"a: 1\n---\nb: 2\n", "web.yml:2:1: a second document, expected one"},
      {"'a',b\n", "web.yml:1:4: a second document, expected one"},
      {"{a: 1}, b\n", "web.yml:1:7: a second document, expected one"},
      {"a: !!binary aGVsbG8=\n", "web.yml:1:4: has a tag, expected none"},
      {"[a, b]: 1\n", "web.yml:1:1: this key is no text"},
      {"a: {b: {c: {d: {e: {f: {g: 1}}}}}}\n", "web.yml:1:28: nested too deep, no key is"},
      {"a: 1\nb: \x04\nc: 2\n", "web.yml:2:1: a control character, expected text"},
      {"a: \xff\n", "web.yml:1:1: is not valid UTF-8"},
  };
  for (const auto& [text, error] : table) EXPECT_EQ(error_of(text), error) << text;
}

TEST(YamlDocument, bad_yaml_is_told_with_its_place) {
  for (const char* text : {"a: [1, 2\n", "a: 'b\n", "a: \"b\n\nc: d\n", "a: b: c\n", "\ta: 1\n",
                           "a: *nobody\n", "a: 1\n b: 2\n"}) {
    EXPECT_NE(error_of(text).find(": bad YAML: "), std::string::npos) << text << error_of(text);
  }
  EXPECT_TRUE(error_of("ok: 1\nbad: [\n").starts_with("web.yml:2:")) << error_of("ok: 1\nbad: [\n");
}

TEST(YamlDocument, no_text_takes_more_than_its_share) {
  EXPECT_NE(error_of(std::string(100000, '[')), "");
  std::string aliases = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'f'; ++name) {
    const std::string before(1, static_cast<char>(name - 1));
    aliases += std::string(1, name) + ": &" + name + " [";
    for (int i = 0; i < 10; ++i) aliases += (i > 0 ? ", *" : "*") + before;
    aliases += "]\n";
  }
  EXPECT_NE(error_of(aliases).find("too many values"), std::string::npos) << error_of(aliases);
  EXPECT_NE(error_of("a: &a [*a]\n"), "") << "within itself";
}

}  // namespace
}  // namespace sockwatch
