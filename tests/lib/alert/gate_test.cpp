// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/gate.h"

#include <gtest/gtest.h>

#include "lib/model/owner_identity.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using Names = std::vector<std::string>;

constexpr VerdictKind kExpected = VerdictKind::Expected;
constexpr VerdictKind kUnexpected = VerdictKind::Unexpected;
constexpr VerdictKind kIgnored = VerdictKind::Ignored;
constexpr VerdictKind kPending = VerdictKind::Pending;

const std::string kOpened = "listener-opened wrong";
const std::string kAccepted = "listener-opened right";
const std::string kClosed = "listener-closed right";
const std::string kTakenOver = "owner-changed wrong";
const std::string kHandedOver = "owner-changed right";

Gate new_gate() {
  return Gate([](const Listener& listener) { return "port = " + std::to_string(listener.key.local.port); });
}

Delta opened(const Listener& listener) {
  Delta delta;
  delta.opened = {listener};
  return delta;
}

Delta closed(const Listener& listener) {
  Delta delta;
  delta.closed = {listener};
  return delta;
}

Delta replaced(const Listener& before, const Listener& after) {
  Delta delta;
  delta.replaced = {{before, after}};
  const Owner& was = before.annotation.owner;
  const bool other = differ(identity_of(was), identity_of(after.annotation.owner));
  return other && after.verdict.kind != kPending ? taken_over(before, after) : delta;
}

Delta updated(const Listener& before, const Listener& after) {
  Delta delta;
  delta.updated = {{before, after}};
  return delta;
}

Listener by(std::string_view comm, VerdictKind kind) {
  Listener made = netcat(kind);
  own(made, comm, std::string(comm) + ".service");
  return made;
}

Listener by_nobody_known(VerdictKind kind) {
  Listener made = netcat(kind);
  made.annotation.owner = Owner{};
  return made;
}

TEST(Gate, an_opening_is_told_by_its_verdict) {
  const std::pair<VerdictKind, Names> cases[] = {
      {kExpected, {}}, {kUnexpected, {kOpened}}, {kIgnored, {}}, {kPending, {}}};
  for (const auto& [verdict, told] : cases) {
    for (const Cause cause : {Cause::Baseline, Cause::Poll, Cause::Reload}) {
      Gate gate = new_gate();
      Delta delta = opened(netcat(verdict));
      delta.cause = cause;
      EXPECT_EQ(names(gate.offer(delta)), told) << word(verdict);
    }
  }
}

TEST(Gate, an_opening_carries_everything_a_reader_needs) {
  Gate gate = new_gate();
  Listener critical = netcat();
  critical.verdict.severity = Severity::Critical;
  Delta delta = opened(critical);
  delta.time = FakeClock().now() + std::chrono::seconds(2);
  const std::vector<Alert> alerts = gate.offer(delta);
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].severity, Severity::Critical);
  EXPECT_EQ(alerts[0].time, FakeClock().now()) << "when it was opened, not when it was told";
  EXPECT_EQ(alerts[0].listener->key, critical.key);
  EXPECT_EQ(alerts[0].allow, "port = 4444");
  EXPECT_TRUE(alerts[0].message.starts_with("unexpected listener: nc")) << alerts[0].message;
}

TEST(Gate, a_closing_is_told_only_of_what_was_raised) {
  for (const VerdictKind verdict : all_of<VerdictKind>()) {
    Gate gate = new_gate();
    (void)gate.offer(opened(netcat(verdict)));
    EXPECT_EQ(names(gate.offer(closed(netcat(verdict)))), verdict == kUnexpected ? Names{kClosed} : Names{})
        << word(verdict);
  }
}

TEST(Gate, what_follows_an_opening_is_told_by_the_old_verdict_and_the_new) {
  struct {
    VerdictKind before, after;
    Names on_update;
    Names on_restart;          // replaced, same owner
    Names on_another_owner;    // replaced, other owner
    Names on_closing_at_last;  // after any of them
  } const cases[] = {
      {kExpected, kExpected, {}, {}, {kHandedOver}, {}},
      {kExpected, kUnexpected, {kOpened}, {kOpened}, {kTakenOver}, {kClosed}},
      {kExpected, kIgnored, {}, {}, {kHandedOver}, {}},
      {kExpected, kPending, {}, {}, {}, {}},
      {kUnexpected, kExpected, {kAccepted}, {kAccepted}, {kHandedOver}, {}},
      {kUnexpected, kUnexpected, {}, {}, {kTakenOver}, {kClosed}},
      {kUnexpected, kIgnored, {kAccepted}, {kAccepted}, {kAccepted}, {}},
      {kUnexpected, kPending, {}, {}, {}, {kClosed}},
      {kIgnored, kExpected, {}, {}, {kHandedOver}, {}},
      {kIgnored, kUnexpected, {kOpened}, {kOpened}, {kTakenOver}, {kClosed}},
      {kIgnored, kIgnored, {}, {}, {}, {}},
      {kIgnored, kPending, {}, {}, {}, {}},
      {kPending, kExpected, {}, {}, {kHandedOver}, {}},
      {kPending, kUnexpected, {kOpened}, {kOpened}, {kTakenOver}, {kClosed}},
      {kPending, kIgnored, {}, {}, {kHandedOver}, {}},
      {kPending, kPending, {}, {}, {}, {}},
  };
  for (const auto& row : cases) {
    const Listener before = by("nc", row.before);
    const Listener same = by("nc", row.after);
    const Listener other = by("nginx", row.after);
    const std::tuple<Delta, Names, Listener> ways[] = {
        {updated(before, same), row.on_update, same},
        {replaced(before, same), row.on_restart, same},
        {replaced(before, other), row.on_another_owner, other}};
    for (const auto& [delta, told, last] : ways) {
      SCOPED_TRACE(std::string(word(row.before)) + " -> " + std::string(word(row.after)));
      Gate gate = new_gate();
      (void)gate.offer(opened(before));
      EXPECT_EQ(names(gate.offer(delta)), told);
      EXPECT_EQ(names(gate.offer(closed(last))), row.on_closing_at_last);
    }
  }
}

TEST(Gate, an_owner_nobody_found_is_not_another_owner) {
  Gate gate = new_gate();
  (void)gate.offer(opened(by("sshd", kExpected)));
  EXPECT_EQ(names(gate.offer(replaced(by("sshd", kExpected), by_nobody_known(kExpected)))), Names{});
}

TEST(Gate, an_unexpected_program_in_a_new_login_session_is_the_same_one) {
  Gate gate = new_gate();
  Listener later = netcat();
  later.annotation.owner.unit = "session-9.scope";
  (void)gate.offer(opened(netcat()));
  EXPECT_EQ(names(gate.offer(replaced(netcat(), later))), Names{});
}

TEST(Gate, a_reload_that_expects_it_ends_the_alert_and_one_that_does_not_raises) {
  Gate gate = new_gate();
  (void)gate.offer(opened(netcat()));
  Delta reload = updated(netcat(), netcat(kExpected));
  reload.cause = Cause::Reload;
  const std::vector<Alert> ended = gate.offer(reload);
  ASSERT_EQ(names(ended), Names{kAccepted});
  EXPECT_EQ(ended[0].allow, "") << "nothing is left to allow";

  reload = updated(netcat(kExpected), netcat());
  reload.time = FakeClock().now() + std::chrono::hours(1);
  const std::vector<Alert> alerts = gate.offer(reload);
  EXPECT_EQ(names(alerts), Names{kOpened});
  EXPECT_EQ(alerts[0].time, reload.time) << "nothing happened to the socket, the policy changed";
}

TEST(Gate, a_verdict_that_waited_is_told_with_the_time_of_the_opening) {
  Gate gate = new_gate();
  (void)gate.offer(opened(netcat(kPending)));
  Delta judged = updated(netcat(kPending), netcat());
  judged.time = FakeClock().now() + std::chrono::seconds(2);
  const std::vector<Alert> alerts = gate.offer(judged);
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].time, FakeClock().now());
}

TEST(Gate, what_an_earlier_run_told_is_not_told_again_but_cleared) {
  Gate gate = new_gate();
  gate.restore(std::vector<Listener>{netcat(), netcat(kExpected, 80)});
  EXPECT_EQ(names(gate.offer(opened(netcat()))), Names{});
  EXPECT_EQ(names(gate.offer(closed(netcat(kExpected, 80)))), Names{});
  EXPECT_EQ(names(gate.offer(closed(netcat()))), Names{kClosed});
}

TEST(Gate, what_an_earlier_run_told_and_stands_can_be_told_to_who_was_not_there) {
  Gate gate = new_gate();
  Listener readable = netcat(kExpected, 23);
  readable.exposed = true;
  const std::vector<Listener> known{netcat(), netcat(kExpected, 80), readable, netcat(kUnexpected, 5555)};
  gate.restore(known);
  std::set<std::string> wanted = gate.standing();
  ASSERT_EQ(wanted.size(), 3U);
  const std::vector<Listener> still_open(known.begin(), known.end() - 1);
  EXPECT_EQ(names(gate.restate(still_open, wanted)), (Names{kOpened, "plaintext-exposed wrong"}));
  EXPECT_EQ(names(gate.restate(still_open, {})), Names{});
  EXPECT_EQ(names(gate.offer(closed(netcat()))), Names{kClosed}) << "as if nothing had been said";
}

TEST(Gate, what_was_told_stays_told_while_its_owner_is_looked_for_again) {
  Gate gate = new_gate();
  gate.restore(std::vector<Listener>{netcat()});
  EXPECT_EQ(names(gate.offer(opened(netcat(kPending)))), Names{});
  EXPECT_EQ(names(gate.offer(updated(netcat(kPending), netcat()))), Names{});
  EXPECT_EQ(names(gate.offer(closed(netcat()))), Names{kClosed});
}

Delta passed_by(const Listener& listener) {
  Delta delta;
  delta.transitions = {{Event::ListenerShortLived, AlertTone::Wrong, listener}};
  return delta;
}

TEST(Gate, a_short_life_is_told_by_its_verdict_every_time) {
  const std::pair<VerdictKind, Names> cases[] = {
      {kExpected, {}}, {kUnexpected, {"listener-short-lived wrong"}}, {kIgnored, {}}};
  for (const auto& [verdict, told] : cases) {
    Gate gate = new_gate();
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(names(gate.offer(passed_by(netcat(verdict)))), told) << word(verdict);
  }
}

TEST(Gate, a_short_life_raises_nothing_and_clears_nothing) {
  Gate gate = new_gate();
  (void)gate.offer(passed_by(netcat()));
  EXPECT_EQ(names(gate.offer(opened(netcat()))), Names{kOpened}) << "this one stays";
  (void)gate.offer(passed_by(netcat()));
  EXPECT_EQ(names(gate.offer(closed(netcat()))), Names{kClosed});
}

TEST(Gate, a_short_life_is_told_with_the_time_of_its_opening_and_what_would_expect_it) {
  Gate gate = new_gate();
  Listener gone = netcat();
  gone.verdict.severity = Severity::Critical;
  gone.closed = gone.opened + std::chrono::milliseconds(5);
  const std::vector<Alert> alerts = gate.offer(passed_by(gone));
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].time, gone.opened);
  EXPECT_EQ(alerts[0].severity, Severity::Critical);
  EXPECT_EQ(alerts[0].allow, "port = 4444");
  EXPECT_TRUE(alerts[0].message.starts_with("short-lived listener: ")) << alerts[0].message;
  ASSERT_TRUE(alerts[0].listener);
}

TEST(Gate, a_missing_required_listener_is_told_and_its_return_too) {
  Gate gate = new_gate();
  Delta delta;
  delta.missing = {{"ssh", "policy.d/50-ssh.toml:2", Severity::Critical, FakeClock().now()}};
  const std::vector<Alert> missing = gate.offer(delta);
  ASSERT_EQ(names(missing), Names{"listener-missing wrong"});
  EXPECT_EQ(missing[0].rule, "ssh");
  EXPECT_EQ(missing[0].severity, Severity::Critical);
  EXPECT_FALSE(missing[0].listener);
  std::swap(delta.missing, delta.found);
  EXPECT_EQ(names(gate.offer(delta)), Names{"listener-missing right"});
}

TEST(Gate, the_monitor_complains_once_until_it_recovers) {
  Gate gate = new_gate();
  const Instant now = FakeClock().now();
  EXPECT_EQ(names(gate.recovered("tcp", now)), Names{});
  EXPECT_EQ(names(gate.degraded("tcp", "no permission", now)), Names{"monitor-degraded wrong"});
  EXPECT_EQ(names(gate.degraded("tcp", "another reason", now)), Names{});
  EXPECT_EQ(names(gate.degraded("udp", "no permission", now)), Names{"monitor-degraded wrong"});
  EXPECT_EQ(names(gate.recovered("tcp", now)), Names{"monitor-recovered right"});
  EXPECT_EQ(names(gate.degraded("tcp", "no permission", now)), Names{"monitor-degraded wrong"});
}

TEST(Gate, a_learned_baseline_is_one_calm_alert) {
  Gate gate = new_gate();
  Delta first;
  first.cause = Cause::Baseline;
  first.opened = {netcat(kExpected), netcat(kUnexpected, 23)};
  first.learned = {netcat(kExpected)};
  const std::vector<Alert> alerts = gate.offer(first);
  ASSERT_EQ(names(alerts), (Names{"baseline-learned right", kOpened}));
  const Alert& alert = alerts[0];
  EXPECT_EQ(alert.severity, Severity::Info);
  EXPECT_EQ(alert.message,
            "baseline learned: 1 listener is expected from now on; reachable: any: 0.0.0.0:4444/tcp (nc)");
}

}  // namespace
}  // namespace sockwatch
