// SPDX-License-Identifier: Apache-2.0
// The gate under programs that flap, restart and open many ports.
#include <gtest/gtest.h>

#include "lib/alert/gate.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using Names = std::vector<std::string>;

Gate new_gate() {
  return Gate([](const Listener&) { return std::string(); });
}

Delta opening(const std::vector<Listener>& listeners) {
  Delta delta;
  delta.opened = listeners;
  return delta;
}

Delta closing(const std::vector<Listener>& listeners) {
  Delta delta;
  delta.closed = listeners;
  return delta;
}

std::vector<Listener> many_assigned(std::string_view comm, std::uint16_t first, std::uint16_t count) {
  std::vector<Listener> listeners;
  for (std::uint16_t i = 0; i < count; ++i) {
    listeners.push_back(assigned(comm, static_cast<std::uint16_t>(first + i)));
  }
  return listeners;
}

TEST(GateStorm, five_hundred_assigned_ports_of_one_program_are_one_alert_and_one_clearing) {
  Gate gate = new_gate();
  const std::vector<Listener> ports = many_assigned("tool", 40000, 500);
  EXPECT_EQ(gate.offer(opening(ports)).size(), 1U);
  EXPECT_EQ(gate.offer(closing({ports.begin(), ports.end() - 1})).size(), 0U);
  EXPECT_EQ(names(gate.offer(closing({ports.back()}))), Names{"listener-closed right"});
}

TEST(GateStorm, assigned_ports_of_two_programs_or_addresses_or_protocols_are_told_apart) {
  Gate gate = new_gate();
  EXPECT_EQ(gate.offer(opening({assigned("tool", 40000)})).size(), 1U);
  Listener other = assigned("other", 40001);
  own(other, "other", "other.service");
  EXPECT_EQ(gate.offer(opening({other})).size(), 1U);
  Listener elsewhere = assigned("tool", 40002);
  elsewhere.key.local.address = ip("10.0.0.1");
  Listener datagram = assigned("tool", 40003);
  datagram.key.protocol = Protocol::Udp;
  Listener contained = assigned("tool", 40004);
  contained.annotation.name_space = "web";
  EXPECT_EQ(gate.offer(opening({elsewhere, datagram, contained})).size(), 3U);
}

TEST(GateStorm, chosen_ports_of_one_program_are_one_alert_each) {
  Gate gate = new_gate();
  EXPECT_EQ(
      gate.offer(opening({netcat(VerdictKind::Unexpected, 1), netcat(VerdictKind::Unexpected, 2)})).size(),
      2U);
}

TEST(GateStorm, a_program_that_swaps_its_assigned_port_in_one_look_goes_on_silently) {
  Gate gate = new_gate();
  (void)gate.offer(opening({assigned("tool", 40000)}));
  for (std::uint16_t port = 40000; port < 40100; ++port) {
    Delta swap;
    swap.closed = {assigned("tool", port)};
    swap.opened = {assigned("tool", static_cast<std::uint16_t>(port + 1))};
    ASSERT_EQ(names(gate.offer(swap)), Names{}) << port;
  }
}

TEST(GateStorm, an_assigned_port_that_goes_to_another_program_is_no_change_of_owner) {
  Gate gate = new_gate();
  (void)gate.offer(opening({assigned("tool", 40000)}));
  Listener other = assigned("other", 40000);
  other.annotation.owner.unit = "other.service";
  EXPECT_EQ(names(gate.offer(taken_over(assigned("tool", 40000), other))),
            (Names{"listener-closed right", "listener-opened wrong"}));
}

TEST(GateStorm, every_restart_of_a_storm_is_silent) {
  Gate gate = new_gate();
  const Listener first = netcat();
  (void)gate.offer(opening({first}));
  Listener now = first;
  for (int restart = 0; restart < 1000; ++restart) {
    Listener next = now;
    next.annotation.owner.holders.front().id = {5000 + restart, 77};
    next.members.front().id.cookie += 1;
    Delta delta;
    delta.replaced = {{now, next}};
    ASSERT_EQ(names(gate.offer(delta)), Names{});
    now = next;
  }
  EXPECT_EQ(names(gate.offer(closing({now}))), Names{"listener-closed right"});
}

TEST(GateStorm, a_listener_that_flaps_slower_than_the_grace_is_told_each_time) {
  Gate gate = new_gate();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(names(gate.offer(opening({netcat()}))), Names{"listener-opened wrong"});
    EXPECT_EQ(names(gate.offer(closing({netcat()}))), Names{"listener-closed right"});
  }
}

TEST(GateStorm, a_verdict_that_flaps_is_raised_each_time_it_turns_bad) {
  Gate gate = new_gate();
  Delta bad;
  bad.updated = {{netcat(VerdictKind::Expected), netcat()}};
  Delta good;
  good.updated = {{netcat(), netcat(VerdictKind::Expected)}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(names(gate.offer(bad)), Names{"listener-opened wrong"});
    EXPECT_EQ(names(gate.offer(bad)), Names{});
    EXPECT_EQ(names(gate.offer(good)), Names{"listener-opened right"});
  }
}

TEST(GateStorm, an_owner_that_alternates_is_told_at_every_turn) {
  Gate gate = new_gate();
  Listener good = netcat(VerdictKind::Expected);
  own(good, "nginx", "nginx.service");
  const Listener bad = netcat();
  (void)gate.offer(opening({good}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(names(gate.offer(taken_over(good, bad))), Names{"owner-changed wrong"});
    EXPECT_EQ(names(gate.offer(taken_over(bad, good))), Names{"owner-changed right"});
  }
  EXPECT_EQ(names(gate.offer(closing({good}))), Names{});
}

}  // namespace
}  // namespace sockwatch
