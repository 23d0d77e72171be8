// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/verdicts.h"

#include <gtest/gtest.h>

#include "lib/policy/builtin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using Kind = VerdictKind;

Policy expecting_program(std::uint16_t port, std::string exe) {
  Policy policy;
  Rule rule;
  rule.name = "program";
  rule.action = Action::Expect;
  rule.ports = {{port, port, std::nullopt}};
  rule.exes = {std::move(exe)};
  policy.rules = {rule};
  return policy;
}

class VerdictsTest : public testing::Test {
 protected:
  VerdictsTest() { verdicts_.first_poll_is_over(); }

  // One poll that shows another socket in the same place.
  Kind renew(Listener& held) {
    ListenerChange change{held, held};
    change.after.members[0].id.cookie += 1;
    change.after.opened = clock_.now();
    return judge(held, std::move(change), &Delta::replaced);
  }
  // One that shows the same socket.
  Kind poll(Listener& held) { return judge(held, {held, held}, &Delta::updated); }

  Kind open(Listener& listener) {
    Delta delta;
    delta.time = clock_.now();
    listener.verdict = verdicts_.now(listener, nullptr, delta.time);
    delta.opened = {listener};
    verdicts_.note_pending(delta);
    return listener.verdict.kind;
  }

  Kind judge(Listener& held, ListenerChange change, std::vector<ListenerChange> Delta::*list) {
    Delta delta;
    delta.time = clock_.now();
    change.after.verdict = verdicts_.now(change.after, &change.before.verdict, delta.time);
    held = change.after;
    (delta.*list).push_back(std::move(change));
    verdicts_.note_pending(delta);
    return held.verdict.kind;
  }

  Listener listening_on(Protocol protocol, std::uint16_t port) {
    return listener(listening(protocol, "0.0.0.0", port, 1), clock_.now());
  }

  FakeClock clock_;
  Verdicts verdicts_{expecting_program(8080, "/usr/bin/node"), PipelineSettings{}};
};

TEST_F(VerdictsTest, a_port_that_clients_get_waits_for_as_long_as_a_query_takes_whatever_sockets_follow) {
  Listener service = listening_on(Protocol::Udp, 45000);
  EXPECT_EQ(open(service), Kind::Pending);
  clock_.advance(3s);
  EXPECT_EQ(renew(service), Kind::Pending);
  clock_.advance(3s);
  EXPECT_EQ(renew(service), Kind::Unexpected) << "six seconds after the first socket";
}

TEST_F(VerdictsTest, it_stays_decided_when_the_next_socket_comes) {
  Listener service = listening_on(Protocol::Udp, 45000);
  open(service);
  clock_.advance(5s);
  ASSERT_EQ(poll(service), Kind::Unexpected);
  EXPECT_EQ(renew(service), Kind::Unexpected);
  clock_.advance(1s);
  EXPECT_EQ(renew(service), Kind::Unexpected);
}

TEST_F(VerdictsTest, the_wait_for_an_owner_does_not_begin_anew_with_each_socket) {
  Listener unknown = listening_on(Protocol::Tcp, 8080);
  EXPECT_EQ(open(unknown), Kind::Pending);
  clock_.advance(1s);
  EXPECT_EQ(renew(unknown), Kind::Pending);
  clock_.advance(1s);
  EXPECT_EQ(renew(unknown), Kind::Unexpected);
  clock_.advance(1s);
  EXPECT_EQ(renew(unknown), Kind::Unexpected);
}

TEST_F(VerdictsTest, a_pause_between_two_sockets_is_part_of_the_wait) {
  Listener service = listening_on(Protocol::Udp, 45000);
  open(service);
  clock_.advance(6s);
  Listener again = listening_on(Protocol::Udp, 45000);
  EXPECT_EQ(open(again), Kind::Unexpected);
}

TEST_F(VerdictsTest, after_a_long_pause_the_wait_begins_anew) {
  Listener query = listening_on(Protocol::Udp, 45000);
  open(query);
  clock_.advance(31s);
  Delta nothing;
  nothing.time = clock_.now();
  verdicts_.note_pending(nothing);
  Listener another = listening_on(Protocol::Udp, 45000);
  EXPECT_EQ(open(another), Kind::Pending);
}

TEST_F(VerdictsTest, what_was_expected_waits_again_for_its_next_owner) {
  Listener service = listening_on(Protocol::Tcp, 8080);
  service.annotation.owner.state = OwnerState::Known;
  service.annotation.owner.holders = {Holder{}};
  service.annotation.owner.holders[0].exe = "/usr/bin/node";
  ASSERT_EQ(open(service), Kind::Expected);
  clock_.advance(1min);
  service.annotation.owner = {};
  EXPECT_EQ(renew(service), Kind::Pending);
}

TEST_F(VerdictsTest, an_owner_who_is_found_late_changes_what_was_decided) {
  Listener service = listening_on(Protocol::Tcp, 8080);
  open(service);
  clock_.advance(2s);
  ASSERT_EQ(poll(service), Kind::Unexpected);
  service.annotation.owner.state = OwnerState::Known;
  service.annotation.owner.holders = {Holder{}};
  service.annotation.owner.holders[0].exe = "/usr/bin/node";
  EXPECT_EQ(poll(service), Kind::Expected);
}

// What a client is taken for, until it has lasted a minute.
class LastingTest : public testing::Test {
 protected:
  LastingTest() { verdicts_.first_poll_is_over(); }

  static Policy policy() {
    Policy made;
    made.built_in = built_in_rules({});
    return made;
  }
  Listener assigned(Protocol protocol, std::uint16_t port) {
    Listener made = listener(listening(protocol, "0.0.0.0", port, 1), clock_.now());
    made.members[0].bind = Bind::Assigned;
    return made;
  }
  Verdict now(const Listener& listener) { return verdicts_.now(listener, nullptr, clock_.now()); }

  FakeClock clock_;
  Verdicts verdicts_{policy(), PipelineSettings{}};
};

TEST_F(LastingTest, a_udp_port_that_the_kernel_chose_is_a_clients_for_a_minute) {
  for (const Protocol protocol : {Protocol::Udp, Protocol::Udplite}) {
    Listener client = assigned(protocol, 40000);
    client.verdict = now(client);
    EXPECT_EQ(client.verdict.rule, kClientSocketsRule);
    EXPECT_FALSE(verdicts_.has_outlived_clients(client, clock_.now()));
    clock_.advance(1min);
    EXPECT_TRUE(verdicts_.has_outlived_clients(client, clock_.now()));
    client.verdict = now(client);
    EXPECT_EQ(client.verdict.kind, Kind::Unexpected);
    EXPECT_EQ(client.verdict.severity, Severity::Info);
    EXPECT_FALSE(verdicts_.has_outlived_clients(client, clock_.now())) << "once is enough";
  }
}

TEST_F(LastingTest, the_minute_of_a_client_begins_anew_with_each_socket) {
  for (int sockets = 0; sockets < 3; ++sockets) {
    const Listener client = assigned(Protocol::Udp, 40000);
    clock_.advance(59s);
    EXPECT_EQ(now(client).kind, Kind::Ignored);
  }
}

TEST_F(LastingTest, so_is_a_ping_socket_and_no_other_raw_one) {
  Listener ping = listener(listening(Protocol::Raw, "0.0.0.0", 1, 1), clock_.now());
  ping.key.type = ping.members[0].type = SocketType::Dgram;
  Listener routing = listener(listening(Protocol::Raw, "0.0.0.0", 89, 2), clock_.now());
  EXPECT_TRUE(verdicts_.is_ignored(ping, clock_.now()));
  clock_.advance(1min);
  EXPECT_EQ(now(ping).kind, Kind::Unexpected);
  EXPECT_EQ(now(routing).kind, Kind::Ignored);
}

TEST_F(LastingTest, tcp_on_loopback_is_a_helper_for_as_long_as_it_likes) {
  Listener helper = assigned(Protocol::Tcp, 40000);
  helper.annotation.scope = Scope::Loopback;
  clock_.advance(1h);
  EXPECT_EQ(now(helper).kind, Kind::Expected);
}

TEST_F(LastingTest, the_first_poll_learns_what_may_last) {
  EXPECT_TRUE(verdicts_.is_nobodys(assigned(Protocol::Udp, 40000)));
  EXPECT_FALSE(verdicts_.is_nobodys(listener(unix_listening("/run/a.sock", 1))));
}

TEST_F(LastingTest, on_a_port_that_a_rule_keeps_for_somebody_nobody_is_a_client) {
  Policy made = policy();
  Rule rule;
  rule.name = "vpn";
  rule.action = Action::Expect;
  rule.ports = {{41641, 41641, std::nullopt}};
  rule.users = {"vpn"};
  made.rules = {rule};
  verdicts_.set(made, {});
  Listener taken = assigned(Protocol::Udp, 41641);
  EXPECT_EQ(now(taken).kind, Kind::Pending) << "for as long as a query takes";
  clock_.advance(5s);
  EXPECT_EQ(now(taken).kind, Kind::Unexpected);
  Listener helper = assigned(Protocol::Tcp, 41641);
  helper.annotation.scope = Scope::Loopback;
  clock_.advance(2s);
  EXPECT_EQ(now(helper).kind, Kind::Unexpected);
  EXPECT_EQ(now(assigned(Protocol::Udp, 41642)).kind, Kind::Ignored);

  made.rules[0].ports = {{1024, 65535, std::nullopt}};
  verdicts_.set(made, {});
  EXPECT_EQ(now(taken).kind, Kind::Ignored) << "a range keeps no port for anybody";

  made.rules.push_back({});
  made.rules[1].name = "mine";
  made.rules[1].action = Action::Expect;
  made.rules[1].assigned_ports = true;
  verdicts_.set(made, {});
  EXPECT_EQ(now(taken).rule, "mine");
}

TEST(VerdictsAtStart, nobody_is_accused_while_even_the_first_poll_has_not_found_the_owner) {
  const FakeClock clock;
  const Verdicts verdicts({}, PipelineSettings{});
  Listener sought = listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1), clock.now());
  sought.annotation.owner.state = OwnerState::Budget;
  EXPECT_EQ(verdicts.now(sought, nullptr, clock.now()).kind, Kind::Pending);
  sought.annotation.owner.state = OwnerState::Unexplained;
  EXPECT_EQ(verdicts.now(sought, nullptr, clock.now()).kind, Kind::Unexpected);
}

TEST(VerdictsAtStart, what_the_first_poll_decided_is_not_undecided_by_the_second) {
  FakeClock clock;
  Verdicts verdicts({}, PipelineSettings{});
  Listener tunnel = listener(listening(Protocol::Udp, "0.0.0.0", 51821, 1), clock.now());
  tunnel.annotation.owner.state = OwnerState::Kernel;
  tunnel.verdict = verdicts.now(tunnel, nullptr, clock.now());
  ASSERT_EQ(tunnel.verdict.kind, Kind::Unexpected);
  verdicts.first_poll_is_over();
  clock.advance(250ms);
  EXPECT_EQ(verdicts.now(tunnel, &tunnel.verdict, clock.now()).kind, Kind::Unexpected);
}

}  // namespace
}  // namespace sockwatch
