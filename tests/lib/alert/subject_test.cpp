// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/subject.h"

#include <gtest/gtest.h>

#include "lib/alert/gate.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

Gate new_gate() {
  return Gate([](const Listener&) { return std::string(); });
}

std::vector<std::string> subjects(const std::vector<Alert>& alerts) {
  std::vector<std::string> subjects;
  for (const Alert& alert : alerts) subjects.push_back(alert.subject);
  return subjects;
}

std::vector<Alert> open(Gate& gate, const Listener& listener) {
  Delta delta;
  delta.opened = {listener};
  return gate.offer(delta);
}

std::vector<Alert> close(Gate& gate, const Listener& listener) {
  Delta delta;
  delta.closed = {listener};
  return gate.offer(delta);
}

TEST(Subject, a_place_is_named_without_its_owner_unless_the_port_was_handed_out) {
  EXPECT_EQ(subject_of_place("host", Protocol::Tcp, "0.0.0.0", "22", "a"), "host tcp 0.0.0.0 22");
  EXPECT_EQ(subject_of_place("host", Protocol::Udp, "::1", "assigned", "a\n"),
            "host udp ::1 assigned of a\\x0a");
}

TEST(Subject, what_clears_an_alert_has_the_name_of_what_raised_it) {
  Gate gate = new_gate();
  const std::vector<std::string> raised = subjects(open(gate, netcat()));
  EXPECT_EQ(raised, std::vector<std::string>{"host tcp 0.0.0.0 4444"});
  EXPECT_EQ(gate.standing(), std::set<std::string>(raised.begin(), raised.end()));
  EXPECT_EQ(subjects(close(gate, netcat())), raised);
  EXPECT_TRUE(gate.standing().empty());
}

TEST(Subject, a_place_without_a_port_is_named_by_what_it_has_instead) {
  Listener path = listener(unix_listening(std::string("\0agent", 6), 1));
  Listener handed_out = listener(unix_listening(std::string("\0"
                                                            "00012",
                                                            6),
                                                4));
  handed_out.members.front().bind = Bind::Assigned;
  Listener sniffer = listener(packet_socket("eth0", 3, 2, true));
  Listener quiet = listener(packet_socket("eth0", 3, 3));
  Gate gate = new_gate();
  for (Listener* each : {&path, &sniffer, &quiet, &handed_out}) {
    own(*each, "tool", "tool.service");
    judge(*each, VerdictKind::Unexpected);
    if (each != &handed_out) (void)open(gate, *each);
  }
  EXPECT_EQ(gate.standing(), (std::set<std::string>{"host unix @agent", "host packet eth0 any promiscuous",
                                                    "host packet eth0 any"}));
  EXPECT_EQ(subjects(open(gate, handed_out)),
            std::vector<std::string>{"host unix assigned of tool.service|"});
  EXPECT_EQ(subjects(close(gate, path)).size(), 1U);
}

TEST(Subject, another_run_of_the_daemon_uses_the_same_names) {
  Gate gate = new_gate();
  const std::vector<std::string> raised = subjects(open(gate, assigned("tool", 40000)));
  Gate next = new_gate();
  const std::vector<Listener> known{assigned("tool", 40000)};
  next.restore(known);
  EXPECT_EQ(next.standing(), gate.standing());
  EXPECT_EQ(subjects(close(next, known[0])), raised);
}

TEST(Subject, an_owner_that_changes_keeps_the_place_s_name) {
  Gate gate = new_gate();
  (void)open(gate, netcat());
  Listener other = netcat();
  own(other, "other", "other.service");
  Delta delta;
  delta.replaced = {{netcat(), other}};
  delta.transitions = {{Event::OwnerChanged, AlertTone::Wrong, other, netcat()}};
  EXPECT_EQ(subjects(gate.offer(delta)), std::vector<std::string>{"host tcp 0.0.0.0 4444"});
  EXPECT_EQ(gate.standing().size(), 1U);
}

TEST(Subject, what_is_expected_from_now_on_no_longer_stands) {
  Gate gate = new_gate();
  (void)open(gate, netcat());
  Delta delta;
  delta.updated = {{netcat(), netcat(VerdictKind::Expected)}};
  EXPECT_EQ(subjects(gate.offer(delta)), std::vector<std::string>{"host tcp 0.0.0.0 4444"}) << "that ends it";
  EXPECT_TRUE(gate.standing().empty());
}

TEST(Subject, plaintext_and_second_owners_stand_beside_the_place_they_are_about) {
  Gate gate = new_gate();
  Delta delta;
  Listener second = netcat();
  own(second, "other", "other.service");
  const Listener first = netcat(VerdictKind::Expected);
  delta.transitions = {{Event::PlaintextExposed, AlertTone::Wrong, first},
                       {Event::SecondOwner, AlertTone::Wrong, second, first}};
  (void)gate.offer(delta);
  const std::set<std::string> standing = gate.standing();
  EXPECT_TRUE(standing.contains("plaintext on host tcp 0.0.0.0 4444"));
  EXPECT_TRUE(standing.contains("second owner other.service||max of host tcp 0.0.0.0 4444"));
  Delta over;
  over.transitions = delta.transitions;
  for (Transition& transition : over.transitions) transition.tone = AlertTone::Right;
  (void)gate.offer(over);
  EXPECT_TRUE(gate.standing().empty());
}

TEST(Subject, parts_out_of_sight_and_missing_rules_have_names_too) {
  Gate gate = new_gate();
  EXPECT_EQ(subjects(gate.degraded("tcp over IPv6", "why", {})),
            std::vector<std::string>{"part tcp over IPv6"});
  EXPECT_EQ(gate.standing(), std::set<std::string>{"part tcp over IPv6"});
  EXPECT_EQ(subjects(gate.recovered("tcp over IPv6", {})), std::vector<std::string>{"part tcp over IPv6"});
  Delta delta;
  delta.missing = {{"ssh", "", Severity::Warning, {}}};
  delta.found = delta.missing;
  EXPECT_EQ(subjects(gate.offer(delta)), (std::vector<std::string>{"rule ssh", "rule ssh"}));
}

TEST(Subject, what_is_over_when_it_is_told_has_none) {
  Gate gate = new_gate();
  Delta delta;
  delta.learned = {netcat()};
  delta.transitions = {{Event::ListenerShortLived, AlertTone::Wrong, netcat()}};
  EXPECT_EQ(subjects(gate.offer(delta)), (std::vector<std::string>{"", ""}));
}

}  // namespace
}  // namespace sockwatch
