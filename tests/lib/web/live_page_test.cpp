// SPDX-License-Identifier: Apache-2.0
#include "lib/web/live_page.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

bool contains(std::string_view page, std::string_view text) {
  return page.find(text) != std::string_view::npos;
}

View view_with(std::vector<Listener> listeners) {
  View view;
  view.time = FakeClock().now();
  view.listeners = std::move(listeners);
  return view;
}

Listener unexpected(std::uint16_t port) {
  Listener made = listener(listening(Protocol::Tcp, "::", port, 1));
  made.verdict.kind = VerdictKind::Unexpected;
  return made;
}

RequiredRule missing_rule() {
  RequiredRule rule;
  rule.rule = "<ssh>";
  rule.origin = "policy.d/50-ssh.toml:1";
  return rule;
}

std::string page_of(const View& view) {
  return live_page(view, {{"0.1.0", "0123abc"}, "web-3", FakeClock().now()}, FakeClock().now());
}

TEST(LivePage, says_in_one_sentence_how_things_are) {
  View missing = view_with({});
  missing.missing = {missing_rule()};
  View both = view_with({unexpected(22), unexpected(23)});
  both.missing = {missing_rule()};
  View blind = view_with({});
  blind.unseen = {{"tcp over IPv6", "no permission"}};
  const std::vector<std::pair<View, std::string>> expected = {
      {view_with({}), "<h1 class=\"calm\">Nothing unexpected is open</h1>"},
      {view_with({unexpected(22)}), "<h1 class=\"alarm\">1 unexpected listener</h1>"},
      {missing, "<h1 class=\"alarm\">1 required listener missing</h1>"},
      {both, "<h1 class=\"alarm\">2 unexpected listeners, 1 missing</h1>"},
      {blind, "<h1 class=\"blind\">Nothing unexpected is open, as far as can be seen</h1>"},
  };
  for (const auto& [view, sentence] : expected) EXPECT_TRUE(contains(page_of(view), sentence)) << sentence;
}

TEST(LivePage, names_the_machine_in_its_title) {
  EXPECT_TRUE(
      contains(page_of(view_with({unexpected(22)})), "<title>1 unexpected listener on web-3</title>"));
}

TEST(LivePage, counts_every_verdict) {
  const std::string page = page_of(view_with({unexpected(22)}));
  EXPECT_TRUE(contains(page, "<li class=\"verdict unexpected\"><b>1</b> unexpected</li>"));
  EXPECT_TRUE(contains(page, "<li class=\"verdict ignored none\"><b>0</b> ignored</li>"));
  EXPECT_TRUE(
      contains(page, "1 open, seen at <time datetime=\"2026-01-01T00:00:00.000Z\">2026-01-01 00:00:00 UTC<"));
}

TEST(LivePage, shows_what_is_only_counted_nowhere_and_what_has_no_port_only_in_the_table) {
  Listener quiet = listener(unix_listening("/run/quiet.sock", 1));
  quiet.verdict.kind = VerdictKind::Ignored;
  Listener path = listener(unix_listening("/run/odd.sock", 2));
  path.verdict.kind = VerdictKind::Unexpected;
  const std::string page = page_of(view_with({quiet, path}));
  EXPECT_TRUE(contains(page, "1 open, seen at"));
  EXPECT_TRUE(contains(page, "<b>0</b> ignored"));
  EXPECT_TRUE(contains(page, "<td class=\"address\">/run/odd.sock</td>"));
  EXPECT_FALSE(contains(page, "/run/quiet.sock"));
  EXPECT_FALSE(contains(page, "class=\"mark"));
}

TEST(LivePage, what_is_missing_or_unseen_is_said_and_is_text) {
  View view = view_with({});
  view.missing = {missing_rule()};
  view.unseen = {{"<img src=x>", "\"why\""}};
  const std::string page = page_of(view);
  EXPECT_TRUE(contains(page, "The rule <q>&lt;ssh&gt;</q> (policy.d/50-ssh.toml:1) requires a listener"));
  EXPECT_TRUE(contains(page, "<li>Not seen: &lt;img src=x&gt;, because: &quot;why&quot;</li>"));
}

TEST(LivePage, holds_picture_table_and_monitor_without_any_script) {
  const std::string page = page_of(view_with({unexpected(4444)}));
  EXPECT_TRUE(contains(page, "class=\"mark unexpected\""));
  EXPECT_TRUE(contains(page, "<th scope=\"row\" class=\"number\">4444</th>"));
  EXPECT_TRUE(contains(page, "<dt>Version</dt><dd>0.1.0 <code>0123abc</code></dd>"));
  EXPECT_FALSE(contains(page, "{{")) << "a blank was left";
}

TEST(LivePage, has_nothing_in_it_that_the_security_policy_forbids) {
  const std::string page = page_of(view_with({unexpected(4444)}));
  for (const char* inline_code :
       {"<script>", "<style", "style=", " onclick", " onerror", "javascript:", "http://"})
    EXPECT_FALSE(contains(page, inline_code)) << inline_code;
}

// A reverse proxy may show it under another path.
TEST(LivePage, refers_to_its_files_by_relative_paths_that_exist) {
  const std::string page = page_of(view_with({}));
  for (const PageFile& file : kPageFiles)
    EXPECT_TRUE(contains(page, "=\"" + std::string(file.path.substr(1)) + "\"")) << file.path;
  EXPECT_FALSE(contains(page, "=\"/"));
}

TEST(LivePage, is_under_60_kilobytes_in_all) {
  std::size_t size = page_of(View()).size();
  for (const PageFile& file : kPageFiles) size += file.text.size();
  EXPECT_LT(size, 60000U);
}

}  // namespace
}  // namespace sockwatch
