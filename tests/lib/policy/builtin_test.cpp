// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/builtin.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/policy/judge.h"
#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

Verdict verdict(const Listener& listener, std::string_view metrics = "127.0.0.1:10762") {
  const Policy policy{{}, built_in_rules({*parse_listen_address(metrics)}), Action::Alert};
  return judge(listener, policy, {}, OwnerEvidence::MayStillCome);
}

Listener tcp(std::string_view address, std::uint16_t port, Scope scope) {
  return scoped(listener(listening(Protocol::Tcp, address, port, 1)), scope);
}

TEST(BuiltIn, sockwatch_expects_itself) {
  EXPECT_EQ(verdict(tcp("127.0.0.1", 10762, Scope::Loopback)).rule, kMetricsRule);
  EXPECT_EQ(verdict(tcp("127.0.0.1", 10762, Scope::Loopback)).kind, VerdictKind::Expected);
  EXPECT_EQ(verdict(tcp("127.0.0.1", 10763, Scope::Loopback)).rule, "default");
  EXPECT_EQ(verdict(tcp("0.0.0.0", 10762, Scope::Any)).rule, "default");
  EXPECT_EQ(verdict(listener(listening(Protocol::Udp, "127.0.0.1", 10762, 1))).rule, "default");
}

TEST(BuiltIn, sockwatch_expects_itself_on_whatever_family_every_address_came_to) {
  EXPECT_EQ(verdict(tcp("::", 80, Scope::Any), ":80").rule, kMetricsRule);
  EXPECT_EQ(verdict(tcp("0.0.0.0", 80, Scope::Any), ":80").rule, kMetricsRule);
  EXPECT_EQ(verdict(tcp("10.0.0.1", 80, Scope::Private), ":80").rule, "default");
  EXPECT_EQ(verdict(tcp("0.0.0.0", 80, Scope::Any), "0.0.0.0:80").rule, kMetricsRule);
}

TEST(BuiltIn, who_serves_something_expects_these_sockets_wherever_they_are_and_nobody_else_s) {
  Policy policy{{}, built_in_rules({*parse_listen_address("127.0.0.1:10762")}), Action::Alert};
  const auto rule_of = [&policy](const Listener& listener) {
    return judge(listener, policy, {}, OwnerEvidence::Final).rule;
  };
  const Listener configured = tcp("127.0.0.1", 10762, Scope::Loopback);
  const std::uint32_t inode = configured.members.front().inode;
  expect_only(std::vector{OwnSocket{1, inode}}, policy.built_in);
  EXPECT_EQ(rule_of(configured), kMetricsRule);
  EXPECT_EQ(rule_of(tcp("10.0.0.1", 9000, Scope::Private)), kMetricsRule)
      << "where the service manager made it";
  Listener stranger = configured;
  stranger.members.front().id.cookie = 2;
  EXPECT_EQ(rule_of(stranger), "default");
  expect_only({}, policy.built_in);
  EXPECT_EQ(rule_of(configured), "default") << "served on a UNIX socket alone";
}

TEST(BuiltIn, client_sockets_of_udp_are_ignored) {
  const Listener client =
      assigned(scoped(listener(listening(Protocol::Udp, "0.0.0.0", 40000, 1)), Scope::Any));
  EXPECT_EQ(verdict(client).rule, kClientSocketsRule);
  EXPECT_EQ(verdict(client).kind, VerdictKind::Ignored);
  EXPECT_EQ(verdict(listener(listening(Protocol::Udp, "0.0.0.0", 40000, 1))).kind, VerdictKind::Unexpected);
}

TEST(BuiltIn, helpers_on_loopback_are_expected_and_nowhere_else) {
  EXPECT_EQ(verdict(assigned(tcp("127.0.0.1", 40000, Scope::Loopback))).rule, kHelperPortsRule);
  EXPECT_EQ(verdict(assigned(tcp("127.0.0.1", 40000, Scope::Loopback))).kind, VerdictKind::Expected);
  EXPECT_EQ(verdict(assigned(tcp("0.0.0.0", 40000, Scope::Any))).kind, VerdictKind::Unexpected);
  EXPECT_EQ(verdict(tcp("127.0.0.1", 40000, Scope::Loopback)).kind, VerdictKind::Unexpected);
}

TEST(BuiltIn, every_rule_has_a_reason_and_a_reserved_name) {
  for (const Rule& rule : built_in_rules({})) {
    EXPECT_FALSE(rule.reason.empty());
    EXPECT_EQ(rule.origin, "built-in");
    EXPECT_NE(std::find(kReservedNames.begin(), kReservedNames.end(), rule.name), kReservedNames.end());
  }
}

TEST(BuiltIn, of_sockets_without_ports_only_sniffers_are_told) {
  const auto raw = [](std::uint16_t ip_protocol) {
    SocketRecord record = listening(Protocol::Raw, "0.0.0.0", ip_protocol, 1);
    record.bind = Bind::Unknown;
    return listener(record);
  };
  EXPECT_EQ(verdict(listener(unix_listening("/run/a.sock", 1))).rule, kUnixRule);
  for (const std::uint16_t quiet : std::initializer_list<std::uint16_t>{1, 4, 0x0806, 0x888e, 0x88cc, 0xffff})
    EXPECT_EQ(verdict(listener(packet_socket("eth0", quiet, 1))).rule, kPacketRule) << quiet;
  for (const std::uint16_t everything : std::initializer_list<std::uint16_t>{3, 0x0800, 0x86dd}) {
    Listener found = listener(packet_socket("eth0", everything, 1));
    found.annotation.owner.state = OwnerState::Known;
    found.annotation.owner.holders = {Holder{}};
    EXPECT_EQ(verdict(found).rule, "default") << everything;
  }
  Listener promiscuous = listener(packet_socket("eth0", 0x0806, 1, true));
  EXPECT_EQ(verdict(promiscuous).kind, VerdictKind::Pending) << "it may be who configures the network";
  promiscuous.annotation.owner.state = OwnerState::Known;
  promiscuous.annotation.owner.holders = {Holder{}};
  EXPECT_EQ(verdict(promiscuous).kind, VerdictKind::Unexpected);
  for (const std::uint16_t quiet : std::initializer_list<std::uint16_t>{1, 5, 7, 16, 18, 58, 89, 112, 255})
    EXPECT_EQ(verdict(raw(quiet)).rule, kRawRule) << quiet;
  for (const std::uint16_t everything : std::initializer_list<std::uint16_t>{6, 17})
    EXPECT_EQ(verdict(raw(everything)).rule, "default") << everything;
}

TEST(BuiltIn, who_configures_the_network_may_read_before_there_is_an_address) {
  const auto held = [](const char* unit, const char* user, const char* exe) {
    Listener made = listener(packet_socket("eth0", 3, 1));
    Owner& owner = made.annotation.owner;
    owner.state = OwnerState::Known;
    owner.unit = unit;
    owner.user = user;
    owner.holders = {Holder{}};
    owner.holders[0].exe = exe;
    return verdict(made);
  };
  EXPECT_EQ(held("systemd-networkd.service", "systemd-network", "/x").kind, VerdictKind::Ignored);
  EXPECT_EQ(held("ifup@eth0.service", "root", "/usr/sbin/dhclient").kind, VerdictKind::Ignored);
  EXPECT_EQ(held("session-1.scope", "root", "/usr/sbin/dhclient").kind, VerdictKind::Ignored);
  EXPECT_EQ(held("session-1.scope", "max", "/usr/sbin/dhclient").kind, VerdictKind::Unexpected);
  EXPECT_EQ(held("session-1.scope", "root", "/tmp/dhclient").kind, VerdictKind::Unexpected);
  EXPECT_EQ(held("user@1000.service/systemd-networkd.service", "max", "/x").kind, VerdictKind::Unexpected);
}

}  // namespace
}  // namespace sockwatch
