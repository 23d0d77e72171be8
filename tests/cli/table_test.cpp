// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TextTable ports() {
  TextTable table({{"PROTO"}, {"PORT", Align::Right}, {"OWNER", Align::Left, true}});
  table.add({{"tcp"}, {"22"}, {"ssh.service"}});
  table.add({{"udp"}, {"51820"}, {"kernel"}});
  return table;
}

TEST(Table, columns_are_as_wide_as_their_widest_cell_and_no_line_ends_in_blanks) {
  EXPECT_EQ(ports().render({}),
            "PROTO   PORT  OWNER\n"
            "tcp       22  ssh.service\n"
            "udp    51820  kernel\n");
}

TEST(Table, without_headers_titles_take_no_room) {
  EXPECT_EQ(ports().render({.headers = false}),
            "tcp     22  ssh.service\n"
            "udp  51820  kernel\n");
}

TEST(Table, without_rows_there_are_the_titles) {
  EXPECT_EQ(TextTable({{"PROTO"}, {"NOTE", Align::Left, false, true}}).render({}), "PROTO\n");
  EXPECT_EQ(TextTable({{"PROTO"}}).render({.headers = false}), "");
}

TEST(Table, foreign_text_cannot_steer_the_terminal) {
  TextTable table({{"PROCESS"}, {"PID"}});
  table.add({{"\x1b[2Jx\n"}, {"1"}});
  EXPECT_EQ(table.render({.colour = true}),
            "\x1b[1mPROCESS\x1b[0m       \x1b[1mPID\x1b[0m\n"
            "\\x1b[2Jx\\x0a  1\n");
}

TEST(Table, colour_counts_for_nothing_in_the_layout) {
  TextTable table({{"VERDICT"}, {"NOTE"}});
  table.add({{"expected", Paint::Good}, {"a"}});
  table.add({{"no"}, {"b"}});
  EXPECT_EQ(table.render({.colour = true, .headers = false}), "\x1b[32mexpected\x1b[0m  a\nno        b\n");
}

TEST(Table, a_column_of_nothing_is_left_out_where_it_may_be) {
  TextTable table({{"A"}, {"B", Align::Left, false, true}, {"C"}});
  table.add({{"1"}, {""}, {"3"}});
  EXPECT_EQ(table.render({}), "A  C\n1  3\n");
}

TEST(Table, an_empty_cell_keeps_its_place) {
  TextTable table({{"A"}, {"B"}, {"C"}});
  table.add({{"1"}, {""}, {"3"}});
  table.add({{"1"}, {""}, {""}});
  EXPECT_EQ(table.render({}), "A  B  C\n1     3\n1\n");
}

TEST(Table, on_a_narrow_terminal_the_widest_that_may_shrinks) {
  TextTable table({{"KEPT"}, {"A", Align::Left, true}, {"B", Align::Left, true}});
  table.add({{"0123456789abcdef"}, {"0123456789"}, {"0123456789abcdefghij"}});
  EXPECT_EQ(table.render({.width = 40, .headers = false}), "0123456789abcdef  0123456789  012345678…\n");
  EXPECT_EQ(table.render({.width = 36, .headers = false}), "0123456789abcdef  0123456…  0123456…\n");
}

TEST(Table, a_table_that_fits_is_left_alone) {
  EXPECT_EQ(ports().render({.width = 25}), ports().render({}));
}

TEST(Table, where_shrinking_is_not_enough_columns_go_the_most_expendable_first) {
  TextTable table({{"A", Align::Left, false, false, 1}, {"B"}, {"C", Align::Left, false, false, 2}});
  table.add({{"aaaa"}, {"bbbb"}, {"cccc"}});
  EXPECT_EQ(table.render({.width = 16, .headers = false}), "aaaa  bbbb  cccc\n");
  EXPECT_EQ(table.render({.width = 15, .headers = false}), "aaaa  bbbb\n");
  EXPECT_EQ(table.render({.width = 9, .headers = false}), "bbbb\n");
  EXPECT_EQ(table.render({.width = 1, .headers = false}), "bbbb\n");
}

TEST(DisplayWidth, wide_characters_take_two_columns) {
  EXPECT_EQ(display_width("sshd"), 4U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("ポート"), 6U);
  EXPECT_EQ(display_width("🐳"), 2U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(CutToWidth, never_cuts_a_character_in_two_nor_gets_too_wide) {
  EXPECT_EQ(cut_to_width("postgresql", 10), "postgresql");
  EXPECT_EQ(cut_to_width("postgresql", 9), "postgres…");
  EXPECT_EQ(cut_to_width("ポート番号", 6), "ポー…");
  EXPECT_EQ(cut_to_width("ポート番号", 5), "ポー…");
  EXPECT_EQ(cut_to_width("abc", 1), "…");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

}  // namespace
}  // namespace sockwatch
