// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/page.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGolden = SOCKWATCH_TESTS_DIR "/lib/metrics/testdata/page.txt";

const BuildInfo kBuild{"0.1.0", "0123abc"};
const ProcessStats kProcess{1.5, 8388608, 21, 1024, 1767222000.25};

template <typename E, typename Array>
auto& at(Array& counts, E value) {
  return counts[static_cast<std::size_t>(value)];
}

std::string render(const View& view, const MetricsLimits& limits = {}) {
  DropCounters drops;
  return render_metrics(view, kProcess, kBuild, FakeClock().now(), limits, drops);
}

std::vector<std::string> samples(const std::string& page, const std::string& start = "") {
  std::vector<std::string> found;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#') && line.starts_with(start)) found.push_back(line);
  }
  return found;
}

bool has(const std::string& page, const std::string& line) {
  return page.find("\n" + line + "\n") != std::string::npos;
}

Listener ssh(Instant now) {
  Listener made = listener(listening(Protocol::Tcp, "::", 22, 1), now);
  made.members.front().receive_queue = 2;
  made.members.front().send_queue = 128;
  made.annotation.service.emplace().name = "ssh";
  made.annotation.owner.state = OwnerState::Known;
  made.annotation.owner.unit = "ssh.service";
  made.annotation.owner.user = "root";
  made.annotation.owner.holders = {{{412, 100}, "sshd", "/usr/sbin/sshd", 0}};
  made.verdict.kind = VerdictKind::Expected;
  made.verdict.rule = "ssh";
  made.last_connection = now.wall - 90s;
  made.drops_total = 7;
  return made;
}

Listener evil(Instant now) {
  Listener made = listener(listening(Protocol::Udp, "10.0.0.5", 31337, 2), now);
  made.members.front().receive_queue = 4096;
  made.annotation.category = Category::Registered;
  made.annotation.scope = Scope::Private;
  made.annotation.owner.state = OwnerState::Known;
  made.annotation.owner.user = "1000";
  made.annotation.owner.holders = {{{666, 200}, "a\"b\\c\nd\xff\x1b[1m", "/tmp/x", 1000}};
  made.verdict.kind = VerdictKind::Unexpected;
  made.verdict.rule = "default";
  return made;
}

Listener handed_out(std::uint16_t port, Instant now) {
  Listener made = listener(listening(Protocol::Tcp, "127.0.0.1", port, port), now);
  made.members.front().bind = Bind::Assigned;
  made.annotation.category = Category::Dynamic;
  made.annotation.scope = Scope::Loopback;
  made.annotation.owner.state = OwnerState::NoPermission;
  made.verdict.kind = VerdictKind::Ignored;
  return made;
}

ServiceConnections https_out(std::uint32_t established) {
  ServiceConnections made;
  made.port = 443;
  made.port_name = "https";
  at(made.by_state, SocketState::Established) = established;
  return made;
}

View busy_view() {
  const Instant now = FakeClock().now();
  View view;
  view.time = now;
  view.listeners = {ssh(now), evil(now), handed_out(40001, now), handed_out(40002, now)};
  ListenerConnections held{view.listeners[0].key, {}};
  at(held.by_state, SocketState::Established) = 3;
  at(held.by_state, SocketState::TimeWait) = 1;
  view.connections.by_listener = {held};
  view.connections.by_service = {https_out(12)};
  view.required = {"ssh", "web"};
  view.missing = {{"web", "policy.d/50-web.toml:1", Severity::Critical, now}};
  LookTotals& look = at(view.totals.looks, LookKind::Listeners);
  at(look.polls, LookResult::Complete) = 240;
  at(look.polls, LookResult::Partial) = 1;
  look.duration.observe(700us);
  look.last_success = now + -250ms;
  at(at(view.totals.events, Event::ListenerOpened), VerdictKind::Unexpected) = 1;
  at(view.totals.detection_latency, EventSource::Poll).observe(251ms);
  at(view.totals.events_lost, EventSource::Bpf) = 4;
  view.totals.malformed_messages = 2;
  at(view.alerts.sent, Event::ListenerOpened) = 1;
  at(view.alerts.suppressed, SuppressReason::Folded) = 5;
  at(view.alerts.sink_errors, AlertSinkKind::Webhook) = 6;
  view.config = {true, now.wall - 1h, "c0ffee", 9};
  view.event_source = EventSource::Bpf;
  at(view.connection_sources, ConnectionSource::Bpf) = true;
  view.listener_set_hash = std::string("beef");
  view.namespaces_watched = 2;
  view.namespaces_unreadable = 1;
  return view;
}

// After a wanted change: UPDATE_GOLDEN=1 metrics_test, then read the difference.
TEST(MetricsPage, matches_the_golden_page) {
  const std::string page = render(busy_view());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(kGolden) << page;
  std::ostringstream golden;
  golden << std::ifstream(kGolden).rdbuf();
  EXPECT_EQ(page, golden.str());
}

TEST(MetricsPage, a_machine_at_rest_costs_few_series) {
  EXPECT_LE(samples(render(View())).size(), 210U);
}

TEST(MetricsPage, closed_sets_start_at_zero) {
  const std::string page = render(View());
  EXPECT_TRUE(has(page, "sockwatch_unexpected_listeners 0"));
  EXPECT_TRUE(has(page, "sockwatch_series_folded 0"));
  EXPECT_EQ(samples(page, "sockwatch_listeners{").size(), 2U * 3U * 4U);
  EXPECT_EQ(samples(page, "sockwatch_listener_events_total{").size(), 7U * 4U);
  EXPECT_EQ(samples(page, "sockwatch_alerts_total{").size(), kWordCount<Event>);
  EXPECT_EQ(samples(page, "sockwatch_polls_total{").size(), 2U * 4U);
  EXPECT_TRUE(has(page, "sockwatch_alert_sink_errors_total{sink=\"webhook\"} 0"));
  EXPECT_TRUE(has(page, "sockwatch_detection_latency_seconds_count{source=\"perf\"} 0"));
}

TEST(MetricsPage, each_required_rule_has_a_series_from_the_start) {
  const std::string page = render(busy_view());
  EXPECT_TRUE(has(page, "sockwatch_missing_listeners{rule=\"ssh\"} 0"));
  EXPECT_TRUE(has(page, "sockwatch_missing_listeners{rule=\"web\"} 1"));
}

TEST(MetricsPage, the_age_of_a_look_that_never_succeeded_is_not_told) {
  EXPECT_TRUE(samples(render(View()), "sockwatch_snapshot_age_seconds").empty());
}

TEST(MetricsPage, the_age_of_a_look_grows_with_the_clock) {
  const View view = busy_view();
  FakeClock clock;
  clock.advance(10s);
  DropCounters drops;
  const std::string page = render_metrics(view, kProcess, kBuild, clock.now(), {}, drops);
  EXPECT_TRUE(has(page, "sockwatch_snapshot_age_seconds{kind=\"listeners\"} 10.25"));
}

TEST(MetricsPage, every_series_appears_once) {
  std::set<std::string> seen;
  for (const std::string& sample : samples(render(busy_view()))) {
    EXPECT_TRUE(seen.insert(sample.substr(0, sample.rfind(' '))).second) << sample;
  }
}

TEST(MetricsPage, an_evil_process_name_stays_in_its_label) {
  const std::string page = render(busy_view());
  EXPECT_NE(page.find("process=\"a\\\"b\\\\x5cc\\\\x0ad\\\\xff\\\\x1b[1m\""), std::string::npos);
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find('\xff'), std::string::npos);
}

TEST(MetricsPage, assigned_ports_never_appear_as_numbers) {
  const std::string page = render(busy_view());
  EXPECT_EQ(page.find("4000"), std::string::npos);
  EXPECT_EQ(
      samples(page,
              "sockwatch_listener_drops_total{namespace=\"host\",protocol=\"tcp\",address=\"127.0.0.1\"")
          .size(),
      1U);
  EXPECT_TRUE(has(
      page,
      "sockwatch_listeners{protocol=\"tcp\",category=\"dynamic\",scope=\"loopback\",verdict=\"ignored\"} 2"));
}

TEST(MetricsPage, listener_series_keep_to_the_budget) {
  View view;
  for (std::uint16_t port = 1; port <= 500; ++port) {
    view.listeners.push_back(listener(listening(Protocol::Tcp, "0.0.0.0", port, port)));
  }
  const std::string page = render(view, {100, 64});
  EXPECT_LE(samples(page, "sockwatch_listener_").size() -
                samples(page, "sockwatch_listener_events_total").size() -
                samples(page, "sockwatch_listener_set_info").size(),
            100U);
  EXPECT_TRUE(has(page, "sockwatch_series_folded " + std::to_string((500 - 15) * 6)));
}

TEST(MetricsPage, rarely_used_port_names_become_other) {
  View view;
  for (const auto& [name, count] : {std::pair{"https", 50U}, {"ssh", 3U}, {"ntp", 2U}}) {
    ServiceConnections made = https_out(count);
    made.port_name = name;
    view.connections.by_service.push_back(made);
  }
  const std::string page = render(view, {1024, 1});
  const std::string start =
      "sockwatch_connections{protocol=\"tcp\",direction=\"outbound\",state=\"established\","
      "category=\"well-known\",port_name=";
  EXPECT_EQ(samples(page, "sockwatch_connections{"),
            (std::vector<std::string>{start + "\"https\"} 50", start + "\"other\"} 5"}));
}

TEST(MetricsPage, ports_of_one_name_are_one_series) {
  View view;
  view.connections.by_service = {https_out(1), https_out(2)};
  view.connections.by_service[1].port = 8443;
  EXPECT_EQ(samples(render(view), "sockwatch_connections{").size(), 1U);
}

}  // namespace
}  // namespace sockwatch
