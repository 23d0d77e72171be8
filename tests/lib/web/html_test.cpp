// SPDX-License-Identifier: Apache-2.0
#include "lib/web/html.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

TEST(Escaped, leaves_nothing_that_html_would_read) {
  EXPECT_EQ(escaped("<img src=x onerror=\"a('b')\">&amp;"),
            "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;");
  EXPECT_EQ(escaped("\x1b[31m\xff\n"), "\\x1b[31m\\xff\\x0a");
  EXPECT_EQ(escaped("日本"), "日本");
}

TEST(Filled, fills_every_blank_and_keeps_the_rest) {
  EXPECT_EQ(filled("<b>{{a}}</b>{{b}}{{a}}!", {{"a", "1"}, {"b", ""}}), "<b>1</b>1!");
}

TEST(Filled, does_not_look_into_what_it_filled_in) {
  EXPECT_EQ(filled("{{a}} {{b}}", {{"a", "{{b}}"}, {"b", "2"}}), "{{b}} 2");
}

TEST(AgeText, is_one_number_and_one_unit) {
  const std::vector<std::pair<Duration, std::string>> expected = {
      {-1s, "0 s"},      {0s, "0 s"},    {1999ms, "1 s"}, {59s, "59 s"}, {60s, "1 min"},
      {59min, "59 min"}, {60min, "1 h"}, {47h, "47 h"},   {48h, "2 d"},  {24h * 400, "400 d"}};
  for (const auto& [age, text] : expected) EXPECT_EQ(age_text(age), text);
}

TEST(Counted, knows_one_from_many) {
  EXPECT_EQ(counted(0, "rule"), "0 rules");
  EXPECT_EQ(counted(1, "rule"), "1 rule");
  EXPECT_EQ(counted(2, "rule"), "2 rules");
}

TEST(PlaceOf, names_an_interface_and_another_namespace) {
  Listener odd = listener(listening(Protocol::Udp, "fe80::1", 546, 1));
  EXPECT_EQ(place_of(odd), "fe80::1");
  odd.key.local.interface_index = 2;
  odd.annotation.name_space = "blue";
  EXPECT_EQ(place_of(odd), "fe80::1%2 in blue");
}

TEST(ProgramOf, falls_back_to_the_file_and_then_to_the_reason) {
  Listener odd = listener(listening(Protocol::Tcp, "::", 22, 1));
  odd.annotation.owner.state = OwnerState::NoPermission;
  EXPECT_EQ(program_of(odd), "no-permission");
  odd.annotation.owner.holders = {{{7, 1}, "", "/usr/sbin/sshd", 0}};
  EXPECT_EQ(program_of(odd), "sshd");
  odd.annotation.owner.holders[0].comm = "sshd: max";
  EXPECT_EQ(program_of(odd), "sshd: max");
}

TEST(PageKey, is_of_the_place_and_not_of_the_sockets) {
  const Listener ssh = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  EXPECT_EQ(page_key(ssh), page_key(listener(listening(Protocol::Tcp, "0.0.0.0", 22, 9))));
  for (const Listener& other :
       {listener(listening(Protocol::Udp, "0.0.0.0", 22, 1)), listener(listening(Protocol::Tcp, "::", 22, 1)),
        listener(listening(Protocol::Tcp, "0.0.0.0", 23, 1))}) {
    EXPECT_NE(page_key(other), page_key(ssh));
  }
}

}  // namespace
}  // namespace sockwatch
