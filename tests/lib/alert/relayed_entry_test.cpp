// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/relayed_entry.h"

#include <gtest/gtest.h>

#include "lib/alert/journal_entry.h"
#include "lib/alert/journal_relay.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using namespace std::string_literals;

const std::string kShortest =
    "MESSAGE=a\nMESSAGE_ID=08282f408e54482196a6dae4a5acb0b6\nSYSLOG_IDENTIFIER=sockwatchd\n";

TEST(RelayedEntry, every_alert_about_a_listener_may_pass) {
  for (const Event event : all_of<Event>()) {
    if (message_id(event).empty()) continue;
    Alert alert = alert_about(netcat());
    alert.event = event;
    alert.allow = "[[rule]]\nport = 4444\n";
    for (const char* unit :
         {"session-3.scope", "user@1000.service/app.service", "system-a\\x2db.slice", ""}) {
      alert.listener->annotation.owner.unit = unit;
      EXPECT_TRUE(check_relayed(journal_entry(alert)).ok()) << word(event) << " " << unit;
    }
  }
}

TEST(RelayedEntry, foreign_bytes_in_our_own_fields_are_no_reason_to_refuse) {
  Listener hostile = netcat();
  hostile.annotation.owner.holders.front().comm = "a\nPRIORITY=0\xff";
  EXPECT_TRUE(check_relayed(journal_entry(alert_about(hostile))).ok());
}

TEST(RelayedEntry, what_may_pass) {
  for (const std::string& rest :
       {""s, "PRIORITY=3\n"s, "PRIORITY=6\n"s, "OBJECT_PID=1\n"s, "OBJECT_PID=2147483647\n"s,
        "OBJECT_SYSTEMD_UNIT=a@b.service\n"s, "OBJECT_SYSTEMD_USER_UNIT=a.service\n"s, "SOCKWATCH_X=\n"s,
        "SOCKWATCH_X\n\x02\0\0\0\0\0\0\0\n=\n"s}) {
    EXPECT_TRUE(check_relayed(kShortest + rest).ok()) << rest;
  }
}

TEST(RelayedEntry, what_may_not) {
  const std::string cases[] = {
      "",
      "MESSAGE=a\nMESSAGE_ID=08282f408e54482196a6dae4a5acb0b6\n",
      "MESSAGE=a\nSYSLOG_IDENTIFIER=sockwatchd\n",
      kShortest.substr(10),
      kShortest.substr(0, kShortest.size() - 1),
      kShortest + "MESSAGE=b\n",
      kShortest + "\n",
      kShortest + "=\n",
      kShortest + "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1\n",
      "MESSAGE=a\nMESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1\nSYSLOG_IDENTIFIER=sockwatchd\n",
      "MESSAGE=a\nMESSAGE_ID=\nSYSLOG_IDENTIFIER=sockwatchd\n",
      "MESSAGE=a\nMESSAGE_ID=08282f408e54482196a6dae4a5acb0b6\nSYSLOG_IDENTIFIER=sudo\n",
      kShortest + "PRIORITY=0\n",
      kShortest + "PRIORITY=7\n",
      kShortest + "PRIORITY=33\n",
      kShortest + "PRIORITY=\n",
      kShortest + "OBJECT_PID=0\n",
      kShortest + "OBJECT_PID=-1\n",
      kShortest + "OBJECT_PID=2147483648\n",
      kShortest + "OBJECT_PID=1x\n",
      kShortest + "OBJECT_SYSTEMD_UNIT=\n",
      kShortest + "OBJECT_SYSTEMD_UNIT=a b\n",
      kShortest + "OBJECT_SYSTEMD_UNIT=a/b\n",
      kShortest + "OBJECT_SYSTEMD_UNIT=" + std::string(256, 'a') + "\n",
      kShortest + "OBJECT_SYSTEMD_SESSION=1\n",
      kShortest + "COREDUMP_UNIT=ssh.service\n",
      kShortest + "UNIT=ssh.service\n",
      kShortest + "_PID=1\n",
      kShortest + "sockwatch_x=1\n",
      kShortest + "SOCKWATCH_1=1\n",
      kShortest + "SOCKWATCH_" + std::string(55, 'X') + "=1\n",
      kShortest + "SOCKWATCH_X\n",
      kShortest + "SOCKWATCH_X\n\x02\0\0\0\0\0\0\0ab"s,
      kShortest + "SOCKWATCH_X\n\x01\0\0\0\0\0\0\0ab\n"s,
      kShortest + "SOCKWATCH_X\n\xff\xff\xff\xff\xff\xff\xff\xff" + "ab\n",
      kShortest + "SOCKWATCH_X=" + std::string(kMaxRelayedEntry, 'x') + "\n",
  };
  for (const std::string& entry : cases) EXPECT_FALSE(check_relayed(entry).ok()) << entry;
}

}  // namespace
}  // namespace sockwatch
