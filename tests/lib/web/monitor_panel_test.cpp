// SPDX-License-Identifier: Apache-2.0
#include "lib/web/monitor_panel.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class MonitorPanelTest : public ::testing::Test {
 protected:
  MonitorPanelTest() {
    looked_.last_success = clock_.now();
    looked_.interval = 250ms;
    view_.event_source = EventSource::Bpf;
    view_.namespaces_watched = 1;
    view_.config.policy_rules = 12;
    view_.config.policy_hash = "0123456789abcdef";
  }

  bool says(std::string_view html) const {
    const std::string panel = monitor_panel(view_, {"0.1.0", "fedcba9876"}, started_, clock_.now());
    return panel.find(html) != std::string::npos;
  }

  FakeClock clock_;
  Instant started_ = clock_.now();
  View view_;
  LookTotals& looked_ = view_.totals.looks[static_cast<std::size_t>(LookKind::Listeners)];
};

TEST_F(MonitorPanelTest, a_sound_monitor_has_nothing_bad_to_say) {
  clock_.advance(125min);
  looked_.last_success = clock_.now();
  EXPECT_FALSE(says("bad"));
  for (const char* pair :
       {"<dt>Listeners</dt><dd>just now, every 250ms</dd>", "<dt>Connections</dt><dd>not yet</dd>",
        "<dt>Kernel events</dt><dd>bpf</dd>", "<dt>Sockets from</dt><dd>sock-diag</dd>",
        "<dt>Namespaces</dt><dd>1 watched</dd>", "<dt>Alerts</dt><dd>0 sent</dd>",
        "<dt>Policy</dt><dd>12 rules, <code>01234567</code></dd>", "<dt>Running for</dt><dd>2 h</dd>",
        "<dt>Version</dt><dd>0.1.0 <code>fedcba98</code></dd>"}) {
    EXPECT_TRUE(says(pair)) << pair;
  }
}

TEST_F(MonitorPanelTest, a_look_that_is_late_is_bad) {
  clock_.advance(30s);
  EXPECT_FALSE(says("bad"));
  clock_.advance(1s);
  EXPECT_TRUE(says("<div class=\"bad\"><dt>Listeners</dt><dd>31 s ago, every 250ms</dd>"));
}

TEST_F(MonitorPanelTest, a_look_that_is_seldom_by_choice_is_not_late) {
  looked_.interval = 1h;
  clock_.advance(59min);
  EXPECT_FALSE(says("bad"));
}

TEST_F(MonitorPanelTest, what_went_wrong_is_counted_and_marked) {
  view_.totals.events_lost[static_cast<std::size_t>(EventSource::Bpf)] = 7;
  view_.namespaces_unreadable = 2;
  view_.alerts.suppressed[0] = 5;
  view_.alerts.sink_errors[0] = 1;
  view_.config.last_reload_successful = false;
  view_.socket_source = SocketSource::ProcNet;
  for (const char* pair :
       {"<div class=\"bad\"><dt>Kernel events</dt><dd>bpf, 7 lost</dd>",
        "<div class=\"bad\"><dt>Namespaces</dt><dd>1 watched, 2 unreadable</dd>",
        "<div class=\"bad\"><dt>Alerts</dt><dd>0 sent, 5 folded, 1 failure</dd>",
        ", the last reload failed</dd>", "<div class=\"bad\"><dt>Sockets from</dt><dd>proc-net</dd>"}) {
    EXPECT_TRUE(says(pair)) << pair;
  }
}

TEST_F(MonitorPanelTest, without_a_source_of_events_it_says_what_finds_them) {
  view_.event_source = EventSource::Poll;
  EXPECT_TRUE(says("<dt>Kernel events</dt><dd>none, looks only</dd>"));
}

}  // namespace
}  // namespace sockwatch
