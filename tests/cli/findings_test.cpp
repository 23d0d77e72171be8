// SPDX-License-Identifier: Apache-2.0
#include "cli/findings.h"

#include <gtest/gtest.h>

#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

Policy requiring_port(std::uint16_t port) {
  Rule rule;
  rule.name = "web";
  rule.action = Action::Expect;
  rule.ports = {{port, port, std::nullopt}};
  rule.required = true;
  rule.severity = Severity::Critical;
  rule.origin = "policy.d/web.toml:3";
  return {{rule}, {}, Action::Alert};
}

TEST(Findings, what_is_expected_or_ignored_is_none) {
  Look look;
  look.listeners = {sshd(), open_listener(Protocol::Udp, "::", 40000)};
  look.listeners[1].listener.verdict.kind = VerdictKind::Ignored;
  const Findings findings = find_unexpected(look, {});
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(findings_text(findings, {}), "Nothing unexpected: 2 listeners looked at.\n");
}

TEST(Findings, what_is_unexpected_is_listed) {
  Look look;
  look.listeners = {sshd(), open_listener(Protocol::Tcp, "0.0.0.0", 4444, owned_by("", "nc", 4711, "max"))};
  const Findings findings = find_unexpected(look, {});
  EXPECT_FALSE(findings.empty());
  EXPECT_EQ(findings_text(findings, {}),
            "PROTO  ADDRESS  PORT  SCOPE  OWNER  PROCESS   PID  USER  VERDICT\n"
            "tcp    0.0.0.0  4444  any    nc     nc       4711  max   unexpected\n"
            "Unexpected: 1 of 2 listeners.\n");
}

TEST(Findings, what_is_required_and_not_there_is_one) {
  Look look;
  look.listeners = {sshd()};
  const Findings findings = find_unexpected(look, requiring_port(443));
  EXPECT_FALSE(findings.empty());
  EXPECT_EQ(findings_text(findings, {}),
            "missing: nothing satisfies rule \"web\", policy.d/web.toml:3\n"
            "Unexpected: 0 of 1 listener. Required and missing: 1.\n");
  EXPECT_TRUE(find_unexpected(look, requiring_port(22)).empty());
}

TEST(Findings, scripts_get_both_lists) {
  Look look;
  look.listeners = {open_listener(Protocol::Tcp, "::1", 631, owned_by_nobody(OwnerState::Kernel))};
  const auto members = findings_json(find_unexpected(look, requiring_port(443)));
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].name, "sockets");
  EXPECT_TRUE(members[0].json.starts_with(R"([{"protocol":"tcp","address":"::1","port":631,)"))
      << members[0].json;
  EXPECT_EQ(members[1].name, "missing");
  EXPECT_EQ(members[1].json, R"([{"rule":"web","rule_origin":"policy.d/web.toml:3","severity":"critical"}])");
}

}  // namespace
}  // namespace sockwatch
