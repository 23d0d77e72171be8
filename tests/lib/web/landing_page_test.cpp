// SPDX-License-Identifier: Apache-2.0
#include "lib/web/landing_page.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

const BuildInfo kBuild{"0.1.0", "0123abc"};

bool contains(std::string_view page, std::string_view text) {
  return page.find(text) != std::string_view::npos;
}

View view_with(std::vector<Listener> listeners) {
  View view;
  view.time = FakeClock().now();
  view.listeners = std::move(listeners);
  return view;
}

TEST(LandingPage, names_the_build_and_links_the_other_pages) {
  const std::string page = landing_page(View(), kBuild);
  EXPECT_TRUE(contains(page, "sockwatch <small>0.1.0 (0123abc)</small>"));
  for (const char* link : {"/metrics", "/api/v1/listeners", "/api/v1/status", "/style.css"}) {
    EXPECT_TRUE(contains(page, "href=\"" + std::string(link) + "\"")) << link;
  }
}

TEST(LandingPage, can_be_read_without_seeing_it) {
  const std::string page = landing_page(View(), kBuild);
  for (const char* part :
       {"<html lang=\"en\">", "<title>", "<caption>", "<th scope=\"col\">", "<main>", "<nav aria-label="}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
}

TEST(LandingPage, needs_no_script_and_no_inline_style) {
  const std::string page = landing_page(view_with({listener(listening(Protocol::Tcp, "::", 22, 1))}), kBuild);
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_FALSE(contains(page, "<style"));
  EXPECT_FALSE(contains(page, "style="));
  EXPECT_FALSE(contains(page, " onclick"));
}

TEST(LandingPage, is_small) {
  EXPECT_LT(landing_page(View(), kBuild).size() + landing_style().size(), 20000U);
}

TEST(LandingPage, shows_a_listener) {
  Listener ssh = listener(listening(Protocol::Tcp, "10.0.0.1", 22, 1));
  ssh.annotation.service.emplace().name = "ssh";
  ssh.annotation.scope = Scope::Private;
  ssh.annotation.owner = {OwnerState::Known, "", "ssh.service", "", {{{412, 1}, "sshd", "", 0}}, "root"};
  ssh.verdict.kind = VerdictKind::Expected;
  const std::string page = landing_page(view_with({ssh}), kBuild);
  EXPECT_TRUE(
      contains(page,
               "<tr><th scope=\"row\" class=\"number\">22</th><td>tcp</td><td>10.0.0.1</td><td>ssh</td>"
               "<td>well-known</td><td>private</td><td>ssh.service: sshd as root</td>"
               "<td class=\"expected\">expected</td></tr>"))
      << page;
  EXPECT_TRUE(contains(page, "1 open, none unexpected, at <time datetime=\"2026-01-01T00:00:00.000Z\">"));
}

TEST(LandingPage, an_unknown_owner_is_told_by_its_reason) {
  Listener odd = listener(listening(Protocol::Tcp, "10.0.0.1", 22, 1));
  odd.annotation.owner.state = OwnerState::NoPermission;
  EXPECT_TRUE(contains(landing_page(view_with({odd}), kBuild), "<td>no-permission</td>"));
}

TEST(LandingPage, another_namespace_and_an_interface_are_named) {
  Listener odd = listener(listening(Protocol::Udp, "fe80::1", 546, 1));
  odd.key.local.interface_index = 2;
  odd.annotation.name_space = "blue";
  EXPECT_TRUE(contains(landing_page(view_with({odd}), kBuild), "<td>fe80::1%2 in blue</td>"));
}

TEST(LandingPage, the_unexpected_comes_first) {
  Listener fine = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  Listener odd = listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 2));
  odd.verdict.kind = VerdictKind::Unexpected;
  const std::string page = landing_page(view_with({fine, odd}), kBuild);
  EXPECT_LT(page.find(">4444<"), page.find(">22<"));
  EXPECT_TRUE(contains(page, "2 open, 1 unexpected"));
}

TEST(LandingPage, evil_names_are_text) {
  Listener evil = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  evil.annotation.service.emplace().name = "<b>&\"'";
  evil.annotation.name_space = "</td><script>alert(1)</script>";
  evil.annotation.owner = {OwnerState::Known, "", "", "", {{{1, 1}, "</table>\x1b\xff", "", 0}}, "<i>"};
  View view = view_with({evil});
  view.unseen = {{"<img src=x>", "\"why\""}};
  const std::string page = landing_page(view, kBuild);
  EXPECT_TRUE(contains(page, "<td>&lt;b&gt;&amp;&quot;&#39;</td>"));
  EXPECT_TRUE(contains(page, "in &lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_TRUE(contains(page, "&lt;/table&gt;\\x1b\\xff as &lt;i&gt;"));
  EXPECT_TRUE(contains(page, "<li>&lt;img src=x&gt;: &quot;why&quot;</li>"));
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_FALSE(contains(page, "<img"));
}

TEST(LandingStyle, follows_the_readers_choice_of_light_or_dark) {
  EXPECT_TRUE(contains(landing_style(), "prefers-color-scheme: dark"));
  EXPECT_TRUE(contains(landing_style(), "color-scheme: light dark"));
}

}  // namespace
}  // namespace sockwatch
