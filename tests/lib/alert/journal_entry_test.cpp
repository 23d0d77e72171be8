// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/journal_entry.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using namespace std::string_literals;

bool has_line(const std::string& entry, const std::string& line) {
  return ("\n" + entry).find("\n" + line + "\n") != std::string::npos;
}

TEST(JournalEntry, an_opening_is_this_byte_for_byte) {
  Alert alert = alert_about(netcat(), "unexpected listener: nc");
  alert.allow = "[[rule]]\nport = 4444\n";
  EXPECT_EQ(journal_entry(alert),
            "MESSAGE=unexpected listener: nc\n"
            "MESSAGE_ID=08282f408e54482196a6dae4a5acb0b6\n"
            "PRIORITY=4\n"
            "SYSLOG_IDENTIFIER=sockwatchd\n"
            "OBJECT_SYSTEMD_UNIT=session-3.scope\n"
            "OBJECT_PID=4711\n"
            "SOCKWATCH_EVENT=listener-opened\n"
            "SOCKWATCH_SEVERITY=warning\n"
            "SOCKWATCH_TONE=wrong\n"
            "SOCKWATCH_TIME=2026-01-01T00:00:00.000Z\n"
            "SOCKWATCH_PROTOCOL=tcp\n"
            "SOCKWATCH_ADDRESS=0.0.0.0\n"
            "SOCKWATCH_PORT=4444\n"
            "SOCKWATCH_BIND=explicit\n"
            "SOCKWATCH_SCOPE=any\n"
            "SOCKWATCH_CATEGORY=registered\n"
            "SOCKWATCH_SERVICE=krb524\n"
            "SOCKWATCH_NAMESPACE=host\n"
            "SOCKWATCH_UNIT=session-3.scope\n"
            "SOCKWATCH_EXE=/usr/bin/nc\n"
            "SOCKWATCH_COMM=nc\n"
            "SOCKWATCH_PID=4711\n"
            "SOCKWATCH_UID=1000\n"
            "SOCKWATCH_USER=max\n"
            "SOCKWATCH_CREATOR_UID=1000\n"
            "SOCKWATCH_OWNER_STATE=known\n"
            "SOCKWATCH_VERDICT=unexpected\n"
            "SOCKWATCH_RULE=default\n"
            "SOCKWATCH_FIRST_SEEN=2026-01-01T00:00:00.000Z\n"
            "SOCKWATCH_ALLOW\n"
            "\x15\0\0\0\0\0\0\0[[rule]]\nport = 4444\n\n"s);
}

TEST(JournalEntry, an_alert_of_the_monitor_is_short) {
  Alert alert;
  alert.event = Event::MonitorRecovered;
  alert.tone = AlertTone::Right;
  alert.message = "monitoring recovered: tcp";
  EXPECT_EQ(journal_entry(alert),
            "MESSAGE=monitoring recovered: tcp\n"
            "MESSAGE_ID=84c874ac25fd4493b7a0138b4cf6f1ad\n"
            "PRIORITY=5\n"
            "SYSLOG_IDENTIFIER=sockwatchd\n"
            "SOCKWATCH_EVENT=monitor-recovered\n"
            "SOCKWATCH_SEVERITY=warning\n"
            "SOCKWATCH_TONE=right\n");
}

TEST(JournalEntry, foreign_bytes_go_raw_and_cannot_forge_a_field) {
  Listener hostile = netcat();
  hostile.annotation.owner.holders.front().comm = "a\nPRIORITY=0\xff";
  hostile.annotation.owner.holders.front().exe = "/tmp/\x1b[2J";
  const std::string entry = journal_entry(alert_about(hostile));
  EXPECT_NE(entry.find("SOCKWATCH_COMM\n\x0d\0\0\0\0\0\0\0a\nPRIORITY=0\xff\n"s), std::string::npos);
  EXPECT_TRUE(has_line(entry, "SOCKWATCH_EXE=/tmp/\x1b[2J"));
}

TEST(JournalEntry, priority_follows_severity_and_what_is_back_to_normal_is_a_notice) {
  const std::pair<Severity, std::string> cases[] = {
      {Severity::Critical, "3"}, {Severity::Warning, "4"}, {Severity::Info, "6"}};
  for (const auto& [severity, priority] : cases) {
    Alert alert = alert_about(netcat());
    alert.severity = severity;
    EXPECT_TRUE(has_line(journal_entry(alert), "PRIORITY=" + priority));
    alert.tone = AlertTone::Right;
    EXPECT_TRUE(has_line(journal_entry(alert), "PRIORITY=5"));
  }
}

TEST(JournalEntry, the_pid_of_a_closed_listener_may_be_another_process_by_now) {
  Alert alert = alert_about(netcat());
  alert.event = Event::ListenerClosed;
  EXPECT_EQ(journal_entry(alert).find("OBJECT_PID"), std::string::npos);
}

TEST(JournalEntry, it_names_the_unit_it_is_about_for_journalctl_u) {
  Alert alert = alert_about(netcat());
  alert.event = Event::ListenerClosed;
  EXPECT_TRUE(has_line(journal_entry(alert), "OBJECT_SYSTEMD_UNIT=session-3.scope"));
  EXPECT_TRUE(is_about_a_unit(journal_entry(alert)));
  alert.listener->annotation.owner.unit = "user@1000.service/app.service";
  EXPECT_TRUE(has_line(journal_entry(alert), "OBJECT_SYSTEMD_UNIT=user@1000.service"));
  EXPECT_TRUE(has_line(journal_entry(alert), "OBJECT_SYSTEMD_USER_UNIT=app.service"));
  alert.listener->annotation.owner.unit.clear();
  EXPECT_FALSE(is_about_a_unit(journal_entry(alert)));
}

TEST(JournalEntry, message_ids_are_permanent) {
  // Those of before there was a table; docs/alerts.md keeps all.
  const std::pair<Event, std::string_view> ids[] = {
      {Event::ListenerOpened, "08282f408e54482196a6dae4a5acb0b6"},
      {Event::ListenerClosed, "71f020450dfa407eb45cb412ffb0bac6"},
      {Event::ListenerReplaced, ""},
      {Event::OwnerChanged, "5134613b86ea431a9eeee03271eba31a"},
      {Event::ListenerShortLived, "231d57135c6a4be88a709747aa7d41ec"},
      {Event::ListenerMissing, "81cf57245b0c47338531d8e753a9182e"},
      {Event::SecondOwner, "5134613b86ea431a9eeee03271eba31a"},
      {Event::PlaintextExposed, "0b94b517ca524ae6a1687e2452ef8ea0"},
      {Event::MonitorDegraded, "84c874ac25fd4493b7a0138b4cf6f1ad"},
      {Event::MonitorRecovered, "84c874ac25fd4493b7a0138b4cf6f1ad"},
      {Event::BaselineLearned, "b4ee647ec5044d00826656266286682a"},
      {Event::AlertsFolded, "cfd0ddfeecf14e0988088b15b071c9c7"},
      {Event::ListenerHidden, "4c3b69500a4b4a62b2fa81aea88862f3"},
  };
  for (const auto& [event, id] : ids) EXPECT_EQ(message_id(event), id) << word(event);
}

}  // namespace
}  // namespace sockwatch
