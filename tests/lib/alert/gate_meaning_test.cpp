// SPDX-License-Identifier: Apache-2.0
// What the gate makes of second owners, plaintext and upgrades.
#include <gtest/gtest.h>

#include "lib/alert/gate.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using Names = std::vector<std::string>;

const std::string kJoined = "second-owner wrong";
const std::string kParted = "second-owner right";

Gate new_gate() {
  return Gate([](const Listener& listener) { return "port = " + std::to_string(listener.key.local.port); },
              [](const Owner& owner) { return "bash < " + owner.holders.front().comm; });
}

Listener sshd(VerdictKind kind = VerdictKind::Expected) {
  Listener made = netcat(kind);
  own(made, "sshd", "ssh.service");
  return made;
}

// sshd's port, which nc has joined.
Listener shared(VerdictKind kind) {
  Listener made = sshd(kind);
  made.annotation.owner.others = {netcat().annotation.owner};
  return made;
}

Delta joined(VerdictKind first, VerdictKind second) {
  Delta delta;
  delta.transitions = {{Event::SecondOwner, AlertTone::Wrong, netcat(second), sshd(first)}};
  const bool wrong = first == VerdictKind::Unexpected || second == VerdictKind::Unexpected;
  delta.updated = {{sshd(first), shared(wrong ? VerdictKind::Unexpected : first)}};
  return delta;
}

Delta parted(VerdictKind first, VerdictKind second) {
  Delta delta;
  delta.transitions = {{Event::SecondOwner, AlertTone::Right, netcat(second), sshd(first)}};
  delta.updated = {{shared(VerdictKind::Unexpected), sshd(first)}};
  return delta;
}

Delta closed(const Listener& listener) {
  Delta delta;
  delta.closed = {listener};
  return delta;
}

TEST(GateMeaning, a_second_owner_is_told_once_instead_of_the_listener_and_its_leaving_ends_it) {
  Gate gate = new_gate();
  const std::vector<Alert> alerts = gate.offer(joined(VerdictKind::Expected, VerdictKind::Unexpected));
  ASSERT_EQ(names(alerts), Names{kJoined});
  EXPECT_EQ(alerts[0].listener->annotation.owner.holders[0].comm, "nc") << "it is about him";
  EXPECT_EQ(alerts[0].other->holders[0].comm, "sshd");
  EXPECT_EQ(alerts[0].allow, "port = 4444");
  EXPECT_EQ(names(gate.offer(parted(VerdictKind::Expected, VerdictKind::Unexpected))), Names{kParted});
  EXPECT_EQ(names(gate.offer(closed(sshd()))), Names{});
}

TEST(GateMeaning, the_close_of_a_port_with_a_second_owner_is_told) {
  Gate gate = new_gate();
  (void)gate.offer(joined(VerdictKind::Expected, VerdictKind::Unexpected));
  EXPECT_EQ(names(gate.offer(closed(shared(VerdictKind::Unexpected)))), Names{"listener-closed right"});
}

TEST(GateMeaning, where_the_first_was_unexpected_he_stays_so_when_the_second_leaves) {
  Gate gate = new_gate();
  Delta opening;
  opening.opened = {sshd(VerdictKind::Unexpected)};
  (void)gate.offer(opening);
  EXPECT_EQ(names(gate.offer(joined(VerdictKind::Unexpected, VerdictKind::Unexpected))), Names{kJoined});
  EXPECT_EQ(names(gate.offer(parted(VerdictKind::Unexpected, VerdictKind::Unexpected))), Names{kParted});
  EXPECT_EQ(names(gate.offer(closed(sshd(VerdictKind::Unexpected)))), Names{"listener-closed right"});
}

TEST(GateMeaning, two_that_open_at_once_are_told_each) {
  Gate gate = new_gate();
  Delta delta;
  delta.transitions = {{Event::SecondOwner, AlertTone::Wrong, netcat(), sshd(VerdictKind::Unexpected)}};
  delta.opened = {shared(VerdictKind::Unexpected)};
  EXPECT_EQ(names(gate.offer(delta)), (Names{kJoined, "listener-opened wrong"}));
}

TEST(GateMeaning, a_second_owner_that_is_expected_is_a_notice_on_tcp_only) {
  Gate gate = new_gate();
  Delta delta = joined(VerdictKind::Expected, VerdictKind::Expected);
  EXPECT_EQ(names(gate.offer(delta)), Names{kParted}) << "the tone of what needs nobody";
  delta.transitions[0].listener.key.protocol = Protocol::Udp;
  EXPECT_EQ(names(gate.offer(delta)), Names{}) << "multicast DNS";
  delta.transitions[0].listener.verdict.kind = VerdictKind::Unexpected;
  EXPECT_EQ(names(gate.offer(delta)), Names{kJoined});
}

TEST(GateMeaning, a_second_owner_that_is_ignored_or_was_expected_is_no_news_when_he_leaves) {
  Gate gate = new_gate();
  EXPECT_EQ(names(gate.offer(joined(VerdictKind::Expected, VerdictKind::Ignored))), Names{});
  EXPECT_EQ(names(gate.offer(parted(VerdictKind::Expected, VerdictKind::Ignored))), Names{});
  EXPECT_EQ(names(gate.offer(parted(VerdictKind::Expected, VerdictKind::Expected))), Names{});
}

TEST(GateMeaning, plaintext_is_told_with_the_way_out_and_its_end_with_none) {
  Gate gate = new_gate();
  Delta delta;
  delta.transitions = {{Event::PlaintextExposed, AlertTone::Wrong, sshd()}};
  const std::vector<Alert> exposed = gate.offer(delta);
  ASSERT_EQ(names(exposed), Names{"plaintext-exposed wrong"});
  EXPECT_EQ(exposed[0].allow, "port = 4444");
  delta.transitions[0].tone = AlertTone::Right;
  const std::vector<Alert> covered = gate.offer(delta);
  ASSERT_EQ(names(covered), Names{"plaintext-exposed right"});
  EXPECT_EQ(covered[0].allow, "");
}

TEST(GateMeaning, an_upgrade_is_for_information) {
  Gate gate = new_gate();
  Delta delta;
  delta.replaced = {{sshd(), sshd()}};
  delta.transitions = {{Event::OwnerChanged, AlertTone::Right, sshd(), sshd()}};
  const std::vector<Alert> alerts = gate.offer(delta);
  ASSERT_EQ(names(alerts), Names{"owner-changed right"});
  EXPECT_EQ(alerts[0].severity, Severity::Info);
  delta.transitions[0].listener.verdict.kind = VerdictKind::Ignored;
  EXPECT_EQ(names(gate.offer(delta)), Names{});
}

TEST(GateMeaning, parents_are_asked_for_once_in_a_storm_and_only_for_what_is_told) {
  int asked = 0;
  Gate gate([](const Listener&) { return ""; },
            [&asked](const Owner&) { return "bash " + std::to_string(++asked); });
  Delta storm;
  for (std::uint16_t port = 5000; port < 5100; ++port)
    storm.opened.push_back(netcat(VerdictKind::Unexpected, port));
  storm.opened.push_back(netcat(VerdictKind::Expected, 22));
  const std::vector<Alert> alerts = gate.offer(storm);
  ASSERT_EQ(alerts.size(), 100U);
  EXPECT_EQ(alerts[99].parents, "bash 1");
  storm.opened = {netcat(VerdictKind::Unexpected, 6000)};
  EXPECT_EQ(gate.offer(storm)[0].parents, "bash 2") << "later it may be another's child";
}

}  // namespace
}  // namespace sockwatch
