// SPDX-License-Identifier: Apache-2.0
#include "lib/web/api.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const BuildInfo kBuild{"0.1.0", "0123abc"};

View view_with(std::vector<Listener> listeners) {
  View view;
  view.time = FakeClock().now();
  view.listeners = std::move(listeners);
  return view;
}

json status_of(const View& view) {
  FakeClock clock;
  const Instant started = clock.now();
  clock.advance(90s);
  return json::parse(status_document(view, kBuild, started, clock.now()));
}

TEST(ConnectionsDocument, has_one_object_a_connection_and_counts_of_all) {
  View view = view_with({});
  view.connections.time = view.time;
  view.connections.total = 1;
  SeenConnection seen{listening(Protocol::Tcp, "10.0.0.1", 40000, 1), Direction::Outbound, {}};
  seen.record.state = SocketState::Established;
  seen.record.remote = {ip("203.0.113.9"), 443, 0};
  view.connections.seen = std::make_shared<const std::vector<SeenConnection>>(std::vector{seen});
  ServiceConnections https{Protocol::Tcp, Direction::Outbound, 443, {}, Category::WellKnown, "https"};
  https.by_state[static_cast<std::size_t>(SocketState::Established)] = 1;
  ServiceConnections other{Protocol::Tcp, Direction::Outbound, 0, {}, {}, "other"};
  other.by_state[static_cast<std::size_t>(SocketState::TimeWait)] = 5;
  view.connections.by_service = {https, other};

  const json document = json::parse(connections_document(view));
  EXPECT_EQ(document["complete"], true);
  EXPECT_EQ(document["total"], 1);
  ASSERT_EQ(document["sockets"].size(), 1U);
  EXPECT_EQ(document["sockets"][0]["peer_address"], "203.0.113.9");
  EXPECT_EQ(document["sockets"][0]["peer_port"], 443);
  EXPECT_EQ(document["sockets"][0]["direction"], "outbound");
  EXPECT_EQ(document["counts"], json::parse(R"([
    {"protocol":"tcp","direction":"outbound","port":443,"category":"well-known","service":"https",
     "state":"established","connections":1},
    {"protocol":"tcp","direction":"outbound","service":"other","state":"time-wait","connections":5}])"));
}

TEST(ConnectionsDocument, says_how_many_are_not_told_one_by_one) {
  View view = view_with({});
  view.connections.total = 1234;
  view.connections.seen = std::make_shared<const std::vector<SeenConnection>>(1000);
  const json document = json::parse(connections_document(view));
  EXPECT_EQ(document["complete"], false);
  EXPECT_EQ(document["unseen"][0]["what"], "234 connections");
}

TEST(ConnectionsDocument, before_the_first_look_nothing_is_claimed) {
  const json document = json::parse(connections_document(view_with({})));
  EXPECT_EQ(document["complete"], false);
  EXPECT_EQ(document["unseen"][0]["what"], "connections");
  EXPECT_EQ(document["sockets"], json::array());
}

TEST(AlertsDocument, has_one_object_an_alert_and_how_many_there_were) {
  View view = view_with({});
  EXPECT_EQ(json::parse(alerts_document(view)), json::parse(R"({"schema":1,"total":0,"alerts":[]})"));
  auto history = std::make_shared<AlertHistory>();
  for (const char* message : {"second", "first"}) {
    auto alert = std::make_shared<Alert>();
    alert->message = message;
    alert->listener = listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 1));
    history->alerts.push_back(std::move(alert));
  }
  history->total = 1002;
  view.recent_alerts = history;
  const json document = json::parse(alerts_document(view));
  EXPECT_EQ(document["total"], 1002);
  ASSERT_EQ(document["alerts"].size(), 2U);
  EXPECT_EQ(document["alerts"][0]["message"], "second");
  EXPECT_EQ(document["alerts"][0]["event"], "listener-opened");
  EXPECT_EQ(document["alerts"][0]["port"], 4444);
}

TEST(ListenersDocument, an_empty_machine_is_a_document_too) {
  EXPECT_EQ(json::parse(listeners_document(View())),
            json::parse(R"({"schema":1,"complete":true,"unseen":[],"sockets":[]})"));
}

TEST(ListenersDocument, has_one_object_a_listener) {
  const json document =
      json::parse(listeners_document(view_with({listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1)),
                                                listener(listening(Protocol::Udp, "::1", 53, 2))})));
  ASSERT_EQ(document["sockets"].size(), 2U);
  EXPECT_EQ(document["sockets"][0]["port"], 22);
  EXPECT_EQ(document["sockets"][0]["protocol"], "tcp");
  EXPECT_EQ(document["sockets"][1]["address"], "::1");
}

TEST(ListenersDocument, says_what_was_not_seen) {
  View view = view_with({});
  view.unseen = {{"tcp sockets over IPv6", "the kernel has no IPv6"}};
  const json document = json::parse(listeners_document(view));
  EXPECT_EQ(document["complete"], false);
  EXPECT_EQ(document["unseen"],
            json::parse(R"([{"what":"tcp sockets over IPv6","why":"the kernel has no IPv6"}])"));
}

TEST(ListenersDocument, connections_are_told_once_they_were_counted) {
  View view = view_with({listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1)),
                         listener(listening(Protocol::Tcp, "0.0.0.0", 80, 2)),
                         listener(listening(Protocol::Udp, "0.0.0.0", 53, 3))});
  EXPECT_FALSE(json::parse(listeners_document(view))["sockets"][0].contains("connections"));

  view.connections.time = view.time;
  ListenerConnections held{view.listeners[0].key, {}};
  held.by_state[static_cast<std::size_t>(SocketState::Established)] = 2;
  held.by_state[static_cast<std::size_t>(SocketState::TimeWait)] = 3;
  view.connections.by_listener = {held};
  const json sockets = json::parse(listeners_document(view))["sockets"];
  EXPECT_EQ(sockets[0]["connections"], 5);
  EXPECT_EQ(sockets[1]["connections"], 0);
  EXPECT_FALSE(sockets[2].contains("connections"));
}

TEST(ListenersDocument, an_evil_name_stays_a_string) {
  Listener evil = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  evil.annotation.owner.holders = {{{1, 1}, "\"},{\"port\":1\n\xff", "", 0}};
  const json document = json::parse(listeners_document(view_with({evil})));
  ASSERT_EQ(document["sockets"].size(), 1U);
  EXPECT_EQ(document["sockets"][0]["port"], 22);
}

TEST(StatusDocument, says_who_runs_and_for_how_long) {
  const json build = status_of(View())["build"];
  EXPECT_EQ(build["version"], "0.1.0");
  EXPECT_EQ(build["revision"], "0123abc");
  EXPECT_EQ(build["started"], "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(build["uptime_ms"], 90000);
}

TEST(StatusDocument, counts_listeners_by_verdict) {
  Listener odd = listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 1));
  odd.verdict.kind = VerdictKind::Unexpected;
  const json status = status_of(view_with({odd, listener(listening(Protocol::Tcp, "0.0.0.0", 22, 2))}));
  EXPECT_EQ(status["listeners"]["count"], 2);
  EXPECT_EQ(status["verdicts"], json::parse(R"({"expected":0,"unexpected":1,"ignored":0,"pending":1})"));
}

TEST(StatusDocument, tells_the_age_of_each_look_that_succeeded) {
  View view;
  LookTotals& look = view.totals.looks[static_cast<std::size_t>(LookKind::Listeners)];
  look.last_success = FakeClock().now() + 89s;
  look.polls[static_cast<std::size_t>(LookResult::Complete)] = 7;
  const json looks = status_of(view)["looks"];
  ASSERT_EQ(looks.size(), 2U);
  EXPECT_EQ(looks[0]["kind"], "listeners");
  EXPECT_EQ(looks[0]["age_ms"], 1000);
  EXPECT_EQ(looks[0]["complete"], 7);
  EXPECT_FALSE(looks[1].contains("age_ms"));
}

TEST(StatusDocument, tells_sources_configuration_and_gaps) {
  View view;
  view.event_source = EventSource::Bpf;
  view.namespaces_unreadable = 1;
  view.config = {false, WallTime{}, "c0ffee", 9};
  view.missing = {{"web", "policy.d/50-web.toml:1", Severity::Critical, FakeClock().now()}};
  view.alerts.sent[0] = 2;
  const json status = status_of(view);
  EXPECT_EQ(status["sources"]["events"], "bpf");
  EXPECT_EQ(status["sources"]["sockets"], "sock-diag");
  EXPECT_EQ(status["sources"]["namespaces_unreadable"], 1);
  EXPECT_EQ(status["config"],
            json::parse(R"({"last_reload_successful":false,"policy_hash":"c0ffee","policy_rules":9})"));
  EXPECT_EQ(status["missing"][0]["rule"], "web");
  EXPECT_EQ(status["missing"][0]["severity"], "critical");
  EXPECT_EQ(status["alerts"]["sent"], 2);
}

}  // namespace
}  // namespace sockwatch
