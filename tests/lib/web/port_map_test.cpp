// SPDX-License-Identifier: Apache-2.0
#include "lib/web/port_map.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "lib/web/html.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

Listener at(std::uint16_t port, VerdictKind verdict = VerdictKind::Expected,
            Protocol protocol = Protocol::Tcp) {
  Listener made = listener(listening(protocol, "0.0.0.0", port, 1));
  made.verdict.kind = verdict;
  return made;
}

std::string drawn(std::vector<Listener> listeners) {
  View view;
  view.listeners = std::move(listeners);
  return port_map(view);
}

bool contains(std::string_view html, std::string_view text) {
  return html.find(text) != std::string_view::npos;
}

std::size_t count(std::string_view html, std::string_view text) {
  std::size_t found = 0;
  for (auto at = html.find(text); at != std::string_view::npos; at = html.find(text, at + 1)) ++found;
  return found;
}

// The number behind `name="` in the first mark.
double number(std::string_view html, std::string_view name) {
  const std::string attribute = " " + std::string(name) + "=\"";
  const std::size_t mark = html.find("class=\"mark");
  return std::atof(std::string(html.substr(html.find(attribute, mark) + attribute.size(), 8)).c_str());
}

TEST(PortMap, every_category_has_its_strip_and_its_count) {
  const std::string html = drawn({at(0), at(1023), at(1024), at(49151), at(49152), at(65535), at(65535)});
  EXPECT_TRUE(contains(html, "well-known <small>0 to 1023</small> <span>2 open</span>"));
  EXPECT_TRUE(contains(html, "registered <small>1024 to 49151</small> <span>2 open</span>"));
  EXPECT_TRUE(contains(html, "dynamic <small>49152 to 65535</small> <span>3 open</span>"));
  EXPECT_EQ(count(html, "class=\"mark "), 7U);
}

TEST(PortMap, a_mark_stands_where_its_port_is) {
  EXPECT_NEAR(number(drawn({at(0)}), "cx"), 1.5, 0.05);
  EXPECT_NEAR(number(drawn({at(512)}), "cx"), 50.5, 0.05);
  EXPECT_NEAR(number(drawn({at(1023)}), "cx"), 98.5, 0.05);
  EXPECT_NEAR(number(drawn({at(65535)}), "cx"), 98.5, 0.05);
}

TEST(PortMap, marks_of_one_place_are_stacked) {
  const std::string html = drawn({at(80), at(81)});
  const std::size_t first = html.find("cy=\"");
  const std::size_t second = html.find("cy=\"", first + 1);
  EXPECT_NE(html.substr(first, 7), html.substr(second, 7));
}

TEST(PortMap, streams_are_discs_and_datagrams_squares_of_their_verdict) {
  const std::string tcp = drawn({at(80, VerdictKind::Unexpected)});
  EXPECT_TRUE(contains(tcp, "class=\"mark unexpected\"")) << tcp;
  EXPECT_EQ(count(tcp, "<circle"), 1U);
  const std::string udp = drawn({at(80, VerdictKind::Ignored, Protocol::Udp)});
  EXPECT_TRUE(contains(udp, "class=\"mark ignored\""));
  EXPECT_EQ(count(udp, "<circle"), 0U);
  EXPECT_EQ(count(udp, "<rect"), 1U);
}

TEST(PortMap, an_unexpected_port_is_numbered_unless_numbers_would_overlap) {
  const auto numbers = [](const std::vector<Listener>& listeners) {
    return count(drawn(listeners), "<text class=\"port\"");
  };
  EXPECT_EQ(numbers({at(80)}), 0U);
  EXPECT_EQ(numbers({at(80, VerdictKind::Unexpected)}), 1U);
  EXPECT_EQ(numbers({at(80, VerdictKind::Unexpected), at(100, VerdictKind::Unexpected)}), 1U);
  EXPECT_EQ(numbers({at(80, VerdictKind::Unexpected), at(500, VerdictKind::Unexpected)}), 2U);
}

TEST(PortMap, a_mark_says_what_it_is_and_leads_to_its_row) {
  Listener odd = at(4444, VerdictKind::Unexpected);
  odd.annotation.service.emplace().name = "krb524";
  odd.annotation.owner = {OwnerState::Known, "", "cron.service", "", "", {{{7, 1}, "nc", "", 0}}, {}, "root"};
  const std::string html = drawn({odd});
  EXPECT_TRUE(contains(html, "<a id=\"m" + page_key(odd) + "\" href=\"#l" + page_key(odd) + "\""));
  EXPECT_TRUE(contains(
      html, "<title>4444/tcp on 0.0.0.0, krb524, nc in cron.service, reachable: any, unexpected</title>"));
}

TEST(PortMap, evil_names_are_text) {
  Listener evil = at(80);
  evil.annotation.owner = {OwnerState::Known, "", "", "", "", {{{7, 1}, "\"><svg onload", "", 0}}, {}, ""};
  const std::string html = drawn({evil});
  EXPECT_TRUE(contains(html, "&quot;&gt;&lt;svg onload"));
  EXPECT_EQ(count(html, "<svg"), 3U);
}

TEST(PortMap, needs_no_style_in_the_document) {
  EXPECT_FALSE(contains(drawn({at(80), at(5000), at(50000)}), "style="));
}

TEST(PortMap, of_very_many_in_one_column_those_that_matter_most_are_drawn_and_all_are_counted) {
  std::vector<Listener> crowd(500, at(30001));
  crowd.push_back(at(30000, VerdictKind::Unexpected));
  const std::string html = drawn(crowd);
  EXPECT_LT(count(html, "class=\"mark "), 50U);
  EXPECT_EQ(count(html, "class=\"mark unexpected\""), 1U);
  EXPECT_TRUE(contains(html, "<span>501 open</span>"));
}

}  // namespace
}  // namespace sockwatch
