// SPDX-License-Identifier: Apache-2.0
#include "lib/web/listener_table.h"

#include <gtest/gtest.h>

#include "lib/web/html.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

View view_with(std::vector<Listener> listeners) {
  View view;
  view.time = FakeClock().now();
  view.listeners = std::move(listeners);
  return view;
}

bool contains(std::string_view html, std::string_view text) {
  return html.find(text) != std::string_view::npos;
}

TEST(ListenerRows, say_everything_about_a_listener) {
  Listener ssh = listener(listening(Protocol::Tcp, "10.0.0.1", 22, 1), FakeClock().now());
  ssh.annotation.service.emplace().name = "ssh";
  ssh.annotation.scope = Scope::Private;
  ssh.annotation.owner = {
      OwnerState::Known, "", "ssh.service", "", "", {{{412, 1}, "sshd", "/usr/sbin/sshd", 0}}, {}, "root"};
  ssh.verdict.kind = VerdictKind::Expected;
  View view = view_with({ssh});
  view.connections.time = view.time;
  view.time = view.time + std::chrono::minutes(3);
  EXPECT_EQ(listener_rows_html(view),
            "<tr id=\"l" + page_key(ssh) +
                "\"><td class=\"verdict expected\" data-sort=\"2\">expected</td>"
                "<th scope=\"row\" class=\"number\">22</th><td class=\"protocol\">tcp</td>"
                "<td class=\"address\">10.0.0.1</td><td class=\"service\">ssh</td>"
                "<td class=\"program\" title=\"/usr/sbin/sshd\">sshd <small>412</small></td>"
                "<td class=\"unit\">ssh.service</td><td class=\"user\">root</td>"
                "<td class=\"scope\">private</td><td class=\"number zero\">0</td>"
                "<td class=\"since\"><time datetime=\"2026-01-01T00:00:00.000Z\" "
                "title=\"2026-01-01T00:00:00.000Z\">3 min</time>"
                "</td></tr>\n");
}

TEST(ListenerRows, what_is_not_known_is_empty_or_the_reason) {
  Listener odd = listener(listening(Protocol::Udp, "10.0.0.1", 5000, 1));
  odd.annotation.owner.state = OwnerState::NoPermission;
  const std::string html = listener_rows_html(view_with({odd}));
  EXPECT_TRUE(contains(html, "<td class=\"program none\">no-permission</td>"));
  EXPECT_TRUE(contains(html, "<td class=\"service\"></td>"));
  EXPECT_TRUE(contains(html, "<td class=\"number\"></td>")) << "a datagram socket has no connections";
  EXPECT_TRUE(contains(html, "<td class=\"since\"></td>"));
}

TEST(ListenerRows, a_port_of_the_kernels_choice_is_not_named_by_its_number) {
  SocketRecord record = listening(Protocol::Udp, "0.0.0.0", 51820, 1);
  record.bind = Bind::Assigned;
  Listener assigned = listener(record);
  assigned.annotation.service.emplace().name = "wireguard";
  const std::string html = listener_rows_html(view_with({assigned}));
  EXPECT_TRUE(contains(html, ">assigned</td>"));
  EXPECT_FALSE(contains(html, "wireguard"));
}

TEST(ListenerRows, come_by_what_asks_for_a_person_and_then_by_port) {
  std::vector<Listener> all;
  for (const auto& [port, kind] : {std::pair{22, VerdictKind::Expected},
                                   {21, VerdictKind::Ignored},
                                   {4444, VerdictKind::Unexpected},
                                   {80, VerdictKind::Pending},
                                   {23, VerdictKind::Unexpected},
                                   {12, VerdictKind::Expected}}) {
    all.push_back(listener(listening(Protocol::Tcp, "::", static_cast<std::uint16_t>(port), 1)));
    all.back().verdict.kind = kind;
  }
  const std::string html = listener_rows_html(view_with(all));
  std::size_t before = 0;
  for (const char* port : {">23<", ">4444<", ">80<", ">12<", ">22<", ">21<"}) {
    EXPECT_GT(html.find(port), before) << port;
    before = html.find(port);
  }
}

TEST(ListenerRows, evil_names_are_text) {
  Listener evil = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  evil.annotation.service.emplace().name = "<b>&\"'";
  evil.annotation.name_space = "</td><script>alert(1)</script>";
  evil.annotation.owner = {
      OwnerState::Known, "", "<u>", "", "", {{{1, 1}, "</table>\x1b\xff", "/\"><img src=x>", 0}}, {}, "<i>"};
  const std::string html = listener_rows_html(view_with({evil}));
  EXPECT_TRUE(contains(html, ">&lt;b&gt;&amp;&quot;&#39;</td>"));
  EXPECT_TRUE(contains(html, "in &lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_TRUE(contains(html, "title=\"/&quot;&gt;&lt;img src=x&gt;\">&lt;/table&gt;\\x1b\\xff"));
  for (const char* element : {"<b>", "<script", "</table", "<u>", "<img", "<i>"})
    EXPECT_FALSE(contains(html, element)) << element;
}

TEST(ListenerRows, of_very_many_the_most_important_are_shown_and_the_rest_is_counted) {
  std::vector<Listener> listeners;
  for (std::uint16_t port = 1; port <= 1500; ++port) {
    listeners.push_back(listener(listening(Protocol::Tcp, "0.0.0.0", port, port)));
    listeners.back().verdict.kind = port == 1500 ? VerdictKind::Unexpected : VerdictKind::Expected;
  }
  const std::string html = listener_rows_html(view_with(listeners));
  EXPECT_TRUE(contains(html, ">1500</th>")) << "nobody expected it";
  EXPECT_TRUE(contains(html, ">999</th>"));
  EXPECT_FALSE(contains(html, ">1000</th>"));
  EXPECT_TRUE(contains(html, "500 more are open"));
}

}  // namespace
}  // namespace sockwatch
