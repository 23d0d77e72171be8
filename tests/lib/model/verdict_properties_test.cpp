// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/fakes/said.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

Alert alert_about_telnet(Encryption encryption) {
  Alert alert;
  alert.listener = listener(listening(Protocol::Tcp, "0.0.0.0", 23, 1));
  alert.listener->verdict = {VerdictKind::Unexpected, "no", "policy.d/1.toml:2", "because",
                             Severity::Warning};
  alert.listener->annotation.service =
      Service{"telnet", "", "", "ssh (22)", encryption, ServiceSource::Common};
  return alert;
}

TEST(VerdictProperties, an_alert_says_why_and_what_to_use_instead) {
  const std::vector<Field> fields = fields_of(alert_about_telnet(Encryption::No));
  EXPECT_EQ(said(fields, "verdict"), "unexpected");
  EXPECT_EQ(said(fields, "rule"), "no");
  EXPECT_EQ(said(fields, "rule_origin"), "policy.d/1.toml:2");
  EXPECT_EQ(said(fields, "rule_reason"), "because");
  EXPECT_EQ(said(fields, "encrypted"), "no");
  EXPECT_EQ(said(fields, "safer"), "ssh (22)");
}

TEST(VerdictProperties, of_a_service_that_nothing_is_known_of_nothing_is_said) {
  const std::vector<Field> fields = fields_of(alert_about_telnet(Encryption::Unknown));
  EXPECT_EQ(said(fields, "encrypted"), "-");
  EXPECT_EQ(said(fields, "safer"), "-");
}

TEST(VerdictProperties, a_list_of_listeners_does_not_explain_each) {
  const Listener telnet = *alert_about_telnet(Encryption::No).listener;
  for (const char* name : {"rule_origin", "rule_reason", "encrypted", "safer"})
    EXPECT_EQ(said(telnet, name), "-") << name;
}

TEST(VerdictProperties, a_listener_that_no_clock_has_seen_has_no_time) {
  EXPECT_EQ(said(*alert_about_telnet(Encryption::No).listener, "first_seen"), "-");
  const Listener seen =
      listener(listening(Protocol::Tcp, "::", 23, 1), {{}, WallTime{std::chrono::seconds(1)}});
  EXPECT_EQ(said(seen, "first_seen"), "1970-01-01T00:00:01.000Z");
}

}  // namespace
}  // namespace sockwatch
