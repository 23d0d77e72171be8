// SPDX-License-Identifier: Apache-2.0
#include "lib/model/alert_labels.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

std::string text_of(const AlertLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels)
    text += std::string(text.empty() ? "" : " ").append(name).append("=").append(value);
  return text;
}

Alert alert_about(const Listener& listener) {
  Alert alert;
  alert.listener = listener;
  return alert;
}

Listener session_tool() {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 40001, 1);
  record.bind = Bind::Assigned;
  Listener made = listener(record);
  Owner& owner = made.annotation.owner;
  owner.unit = "session-3.scope";
  owner.user = "max";
  owner.holders = {{{77, 1}, "nc", "/usr/bin/nc", 1000}};
  made.verdict.rule = "default";
  return made;
}

TEST(AlertLabels, nothing_is_another_after_a_restart) {
  EXPECT_EQ(text_of(alert_labels(alert_about(session_tool()))),
            "alertname=SockwatchListenerOpened severity=warning namespace=host protocol=tcp address=0.0.0.0 "
            "port=assigned scope=any exe=/usr/bin/nc user=max rule=default");
}

TEST(AlertLabels, what_is_over_is_no_warning_any_more) {
  Alert alert = alert_about(session_tool());
  alert.event = Event::ListenerClosed;
  alert.severity = Severity::Critical;
  alert.tone = AlertTone::Right;
  EXPECT_EQ(text_of(alert_labels(alert)).substr(0, 48), "alertname=SockwatchListenerClosed severity=info ");
}

TEST(AlertLabels, a_promiscuous_socket_is_another_alert_than_the_ordinary_one_beside_it) {
  const auto ordinary = alert_labels(alert_about(listener(packet_socket("eth0", 0x0800, 1))));
  const auto promiscuous = alert_labels(alert_about(listener(packet_socket("eth0", 0x0800, 1, true))));
  EXPECT_NE(ordinary, promiscuous);
  EXPECT_EQ(text_of(ordinary).find("scope"), std::string::npos);
}

TEST(AlertLabels, without_a_listener_there_is_a_rule_or_a_hidden_port) {
  Alert alert;
  alert.event = Event::ListenerMissing;
  alert.rule = "web";
  EXPECT_EQ(text_of(alert_labels(alert)), "alertname=SockwatchListenerMissing severity=warning rule=web");
  alert.event = Event::ListenerHidden;
  alert.rule.clear();
  alert.hidden.emplace();
  alert.hidden->port = 4444;
  EXPECT_EQ(text_of(alert_labels(alert)),
            "alertname=SockwatchListenerHidden severity=warning protocol=tcp port=4444");
}

TEST(AlertLabels, every_label_is_reserved_and_no_other_name) {
  for (const Alert& alert : {alert_about(session_tool()), Alert{}}) {
    for (const auto& [name, value] : alert_labels(alert)) EXPECT_TRUE(is_alert_label(name)) << name;
  }
  for (const char* name : {"unit", "container"}) EXPECT_TRUE(is_alert_label(name)) << name;
  for (const char* name : {"instance", "job", "pid", "comm", "event", ""})
    EXPECT_FALSE(is_alert_label(name)) << name;
}

}  // namespace
}  // namespace sockwatch
