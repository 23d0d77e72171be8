// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/judge.h"

#include <gtest/gtest.h>

#include "lib/policy/builtin.h"
#include "lib/policy/fit.h"
#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

Policy policy(std::string_view text, Action default_action = Action::Alert) {
  return {rules(text), built_in_rules({{ip("127.0.0.1"), 10762}}), default_action};
}

Listener tcp(std::uint16_t port) {
  return scoped(listener(listening(Protocol::Tcp, "0.0.0.0", port, 1)), Scope::Any);
}

Verdict final_verdict(const Listener& listener, const Policy& policy, const LearnedSet& learned = {}) {
  return judge(listener, policy, learned, OwnerEvidence::Final);
}

TEST(Judge, the_default_decides_what_nobody_names) {
  EXPECT_EQ(final_verdict(tcp(4444), policy("")),
            (Verdict{VerdictKind::Unexpected, "default", "", "", Severity::Warning}));
  EXPECT_EQ(final_verdict(tcp(4444), policy("", Action::Ignore)).kind, VerdictKind::Ignored);
  EXPECT_EQ(final_verdict(tcp(4444), policy("", Action::Expect)).kind, VerdictKind::Expected);
}

TEST(Judge, a_rule_gives_its_action_name_place_reason_and_severity) {
  const Policy rules = policy(
      "[[rule]]\nname=\"e\"\naction=\"expect\"\nport=1\nreason=\"why\"\n"
      "[[rule]]\nname=\"a\"\naction=\"alert\"\nport=2\nseverity=\"critical\"\n"
      "[[rule]]\nname=\"i\"\naction=\"ignore\"\nport=3\n");
  EXPECT_EQ(final_verdict(tcp(1), rules),
            (Verdict{VerdictKind::Expected, "e", "policy.d/test.toml:1", "why", Severity::Warning}));
  EXPECT_EQ(final_verdict(tcp(2), rules),
            (Verdict{VerdictKind::Unexpected, "a", "policy.d/test.toml:6", "", Severity::Critical}));
  EXPECT_EQ(final_verdict(tcp(3), rules).kind, VerdictKind::Ignored);
}

TEST(Judge, the_first_that_fits_wins) {
  LearnedSet learned;
  const Listener helper =
      scoped(assigned(listener(listening(Protocol::Tcp, "127.0.0.1", 40000, 1))), Scope::Loopback);
  learned.insert(identity_of(helper));
  const std::string narrow = "[[rule]]\nname=\"narrow\"\naction=\"ignore\"\nport=\"assigned\"\n";
  const std::string wide = "[[rule]]\nname=\"wide\"\naction=\"alert\"\n";
  EXPECT_EQ(final_verdict(helper, policy(narrow + wide), learned).rule, "narrow");
  EXPECT_EQ(final_verdict(helper, policy(wide + narrow), learned).rule, "wide");
  EXPECT_EQ(final_verdict(helper, policy(""), learned).rule, kHelperPortsRule);
  EXPECT_EQ(final_verdict(helper, Policy{}, learned),
            (Verdict{VerdictKind::Expected, "learned", "learned", "", Severity::Warning, true}));
  EXPECT_EQ(final_verdict(helper, Policy{}).rule, "default");
}

TEST(Judge, tells_whether_the_reach_was_meant) {
  EXPECT_TRUE(final_verdict(tcp(1), policy("[[rule]]\nname=\"a\"\naction=\"expect\"\naddress=\"any\"\n"))
                  .reach_meant);
  EXPECT_FALSE(
      final_verdict(tcp(1), policy("[[rule]]\nname=\"a\"\naction=\"expect\"\nport=1\n")).reach_meant);
  EXPECT_FALSE(final_verdict(tcp(1), Policy{}).reach_meant);
}

TEST(Judge, an_open_owner_makes_a_rule_that_hangs_on_it_pending) {
  const Policy rules = policy(
      "[[rule]]\nname=\"nc\"\naction=\"expect\"\nport=4444\nexe=\"/usr/bin/nc\"\n"
      "[[rule]]\nname=\"other\"\naction=\"ignore\"\nport=4444\n");
  const Listener unknown = tcp(4444);
  const struct {
    Listener listener;
    OwnerEvidence evidence;
    VerdictKind kind;
    std::string_view rule;
  } cases[] = {
      {unknown, OwnerEvidence::MayStillCome, VerdictKind::Pending, "nc"},
      {unknown, OwnerEvidence::Final, VerdictKind::Ignored, "other"},
      {owned(unknown, unit_owner("", "/usr/bin/nc")), OwnerEvidence::MayStillCome, VerdictKind::Expected,
       "nc"},
      {owned(unknown, unit_owner("", "/usr/bin/nc")), OwnerEvidence::Final, VerdictKind::Expected, "nc"},
      {owned(unknown, unit_owner("", "/bin/sh")), OwnerEvidence::MayStillCome, VerdictKind::Ignored, "other"},
      {tcp(5555), OwnerEvidence::MayStillCome, VerdictKind::Unexpected, "default"},
  };
  for (const auto& each : cases) {
    const Verdict verdict = judge(each.listener, rules, {}, each.evidence);
    EXPECT_EQ(verdict.kind, each.kind);
    EXPECT_EQ(verdict.rule, each.rule);
  }
}

TEST(Judge, a_decided_rule_before_an_undecided_one_does_not_wait) {
  const Policy rules = policy(
      "[[rule]]\nname=\"first\"\naction=\"alert\"\nport=4444\n"
      "[[rule]]\nname=\"nc\"\naction=\"expect\"\nexe=\"/usr/bin/nc\"\n");
  EXPECT_EQ(judge(tcp(4444), rules, {}, OwnerEvidence::MayStillCome).rule, "first");
}

TEST(Judge, the_learned_set_waits_for_an_owner_only_where_one_could_help) {
  LearnedSet learned;
  learned.insert({"host", Protocol::Tcp, "22", Scope::Any, "ssh.service"});
  learned.insert({"host", Protocol::Tcp, "53", Scope::Any, ""});
  Owner kernel;
  kernel.state = OwnerState::Kernel;
  const struct {
    Listener listener;
    VerdictKind while_open, final_kind;
  } cases[] = {
      {tcp(22), VerdictKind::Pending, VerdictKind::Unexpected},
      {owned(tcp(22), unit_owner("ssh.service", "/x")), VerdictKind::Expected, VerdictKind::Expected},
      {owned(tcp(22), unit_owner("", "/usr/bin/nc")), VerdictKind::Unexpected, VerdictKind::Unexpected},
      {owned(tcp(22), kernel), VerdictKind::Unexpected, VerdictKind::Unexpected},
      {tcp(53), VerdictKind::Expected, VerdictKind::Expected},
      {tcp(80), VerdictKind::Unexpected, VerdictKind::Unexpected},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(judge(each.listener, Policy{}, learned, OwnerEvidence::MayStillCome).kind, each.while_open);
    EXPECT_EQ(judge(each.listener, Policy{}, learned, OwnerEvidence::Final).kind, each.final_kind);
  }
}

// Listeners with every state of knowledge about their owner, over both protocols and both kinds of port.
std::vector<Listener> all_kinds_of_listeners() {
  Owner cgroup_only;
  cgroup_only.cgroup = "/x";
  std::vector<Owner> owners = {cgroup_only, unit_owner("x.service", "/usr/bin/x"), unit_owner("", "")};
  for (const OwnerState state : all_of<OwnerState>()) {
    owners.push_back({});
    owners.back().state = state;
  }
  std::vector<Listener> listeners;
  for (const Owner& owner : owners) {
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
      listeners.push_back(owned(listener(listening(protocol, "0.0.0.0", 22, 1)), owner));
      listeners.push_back(assigned(listeners.back()));
    }
  }
  return listeners;
}

// Every listener, however little is known of it, gets one verdict with a name to it; Pending is never final,
// and only where an owner is missing; and what is decided while the owner is open is decided for good.
TEST(Judge, is_total) {
  const std::vector<std::string> matchers = {"",
                                             "port=22",
                                             "port=\"assigned\"",
                                             "exe=\"/usr/*\"",
                                             "unit=\"*.service\"",
                                             "container=\"*\"",
                                             "user=\"alice\"",
                                             "address=\"loopback\"\nexe=\"*\"",
                                             "protocol=\"udp\"\nunit=\"x*\""};
  std::vector<Policy> policies;
  for (const std::string& first : matchers) {
    for (const std::string& second : matchers) {
      policies.push_back(policy("[[rule]]\nname=\"a\"\naction=\"expect\"\n" + first +
                                "\n[[rule]]\nname=\"b\"\naction=\"alert\"\n" + second + "\n"));
    }
  }
  LearnedSet learned;
  learned.insert({"host", Protocol::Tcp, "22", Scope::Any, "x.service"});

  std::size_t pending = 0;
  for (const Listener& each : all_kinds_of_listeners()) {
    for (const Policy& rules : policies) {
      const Verdict open = judge(each, rules, learned, OwnerEvidence::MayStillCome);
      const Verdict last = judge(each, rules, learned, OwnerEvidence::Final);
      ASSERT_FALSE(open.rule.empty() || last.rule.empty());
      ASSERT_NE(last.kind, VerdictKind::Pending);
      ASSERT_TRUE(open == last || open.kind == VerdictKind::Pending);
      ASSERT_TRUE(open.kind != VerdictKind::Pending || !is_found(each.annotation.owner));
      pending += open.kind == VerdictKind::Pending ? 1 : 0;
    }
  }
  EXPECT_GT(pending, 100U);
}

// By a newline in a name anybody writes a line into /proc/net/unix.
TEST(Judge, a_line_that_nobody_holds_is_no_socket) {
  const Policy rules = policy("[[rule]]\nname=\"docker\"\naction=\"alert\"\npath=\"/run/docker.sock\"\n");
  SocketRecord record;
  record.protocol = Protocol::Unix;
  record.state = SocketState::Listen;
  record.type = SocketType::Stream;
  record.local.name = "/run/docker.sock";
  record.queue_told = false;
  Listener line = listener(record);
  line.annotation.owner.state = OwnerState::Unexplained;
  EXPECT_EQ(final_verdict(line, rules).kind, VerdictKind::Ignored);
  EXPECT_EQ(judge(line, rules, {}, OwnerEvidence::MayStillCome).kind, VerdictKind::Pending);
  for (const OwnerState state : {OwnerState::Known, OwnerState::InFlight, OwnerState::NoPermission}) {
    line.annotation.owner.state = state;
    EXPECT_EQ(final_verdict(line, rules).kind, VerdictKind::Unexpected) << word(state);
  }
  line.annotation.owner.state = OwnerState::Unexplained;
  line.members.front().queue_told = true;
  EXPECT_EQ(final_verdict(line, rules).kind, VerdictKind::Unexpected) << "sock_diag has no lines";
}

TEST(IsIgnoredByKind, only_where_no_rule_can_say_anything_else) {
  const SocketRecord path = unix_listening("/run/a", 1);
  const SocketRecord docker = unix_listening("/run/docker.sock", 2);
  const auto ignored = [](const SocketRecord& record, const std::string& rule) {
    return is_ignored_by_kind(policy(rule.empty() ? "" : "[[rule]]\nname=\"r\"\n" + rule + "\n"), record);
  };
  EXPECT_TRUE(ignored(path, ""));
  SocketRecord raw = listening(Protocol::Raw, "0.0.0.0", 1, 3);
  EXPECT_TRUE(ignored(raw, ""));
  raw.type = SocketType::Dgram;
  EXPECT_FALSE(ignored(raw, "")) << "a ping socket that lasts is no client";
  EXPECT_FALSE(ignored(packet_socket("eth0", 0x88cc, 1), "")) << "another socket may make it promiscuous";
  EXPECT_FALSE(ignored(listening(Protocol::Tcp, "0.0.0.0", 22, 1), "action=\"ignore\""));
  EXPECT_TRUE(ignored(path, "action=\"alert\"\npath=\"/run/docker.sock\""));
  EXPECT_FALSE(ignored(docker, "action=\"alert\"\npath=\"/run/docker.sock\""));
  Policy required = policy("[[rule]]\nname=\"r\"\naction=\"ignore\"\npath=\"/run/docker.sock\"\n");
  EXPECT_TRUE(is_ignored_by_kind(required, docker));
  required.rules.front().required = true;
  EXPECT_FALSE(is_ignored_by_kind(required, docker));
  EXPECT_FALSE(ignored(path, "action=\"ignore\"\nprotocol=\"unix\"\nuser=\"alice\"")) << "whose it is counts";
  EXPECT_FALSE(ignored(path, "action=\"expect\"\nprotocol=\"unix\""));
  EXPECT_TRUE(ignored(path, "action=\"alert\"")) << "a rule about all ports names no UNIX socket";
  EXPECT_FALSE(is_ignored_by_kind(Policy{}, path)) << "by the default nothing is merely counted";
}

}  // namespace
}  // namespace sockwatch
