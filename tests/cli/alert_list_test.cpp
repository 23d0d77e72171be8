// SPDX-License-Identifier: Apache-2.0
#include "cli/alert_list.h"

#include <gtest/gtest.h>

#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

TEST(AlertList, says_when_what_where_and_by_which_rule) {
  Alert opened;
  opened.time.wall = WallTime(std::chrono::seconds(1767225600));
  opened.listener =
      open_listener(Protocol::Tcp, "::", 23, owned_by("telnet.socket", "systemd", 1, "root")).listener;
  opened.listener->verdict = {VerdictKind::Unexpected, "no-telnet", "policy.d/a.toml:3", "",
                              Severity::Critical};
  Alert missing;
  missing.event = Event::ListenerMissing;
  missing.rule = "web";
  Alert learned;
  learned.event = Event::BaselineLearned;
  learned.tone = AlertTone::Right;
  EXPECT_EQ(alert_table(std::vector{opened, missing, learned}).render({}),
            "TIME                      EVENT             SOCKET       OWNER          RULE\n"
            "2026-01-01T00:00:00.000Z  listener-opened   [::]:23/tcp  telnet.socket  no-telnet "
            "(policy.d/a.toml:3)\n"
            "-                         listener-missing  -                           web\n"
            "-                         baseline-learned  -                           -\n");
}

}  // namespace
}  // namespace sockwatch
