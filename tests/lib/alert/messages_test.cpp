// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/messages.h"

#include <gtest/gtest.h>

#include "lib/base/text.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

TEST(Messages, an_opening_says_who_where_and_why_it_is_told) {
  EXPECT_EQ(
      opened_message(netcat()),
      "unexpected listener: nc (pid 4711, user max) opened 0.0.0.0:4444/tcp (krb524, registered, explicit, "
      "reachable: any) in session-3.scope; no rule expects it");
}

TEST(Messages, a_rule_that_forbids_is_named_with_its_place_and_reason) {
  Listener telnet = netcat();
  telnet.verdict = {VerdictKind::Unexpected, "telnet", "policy.d/10.toml:3", "use ssh", Severity::Critical};
  EXPECT_TRUE(opened_message(telnet).ends_with("; unwanted by rule \"telnet\" (policy.d/10.toml:3): use ssh"))
      << opened_message(telnet);
}

TEST(Messages, what_is_not_known_is_said_or_left_out) {
  Listener bare = netcat();
  bare.annotation.service.reset();
  bare.members.front().bind = Bind::Unknown;
  bare.annotation.owner = Owner{};
  bare.annotation.owner.state = OwnerState::NoPermission;
  EXPECT_EQ(opened_message(bare),
            "unexpected listener: an unknown program (no-permission) opened 0.0.0.0:4444/tcp (registered, "
            "reachable: any); no rule expects it");
  bare.annotation.owner.state = OwnerState::Kernel;
  EXPECT_TRUE(opened_message(bare).starts_with("unexpected listener: the kernel opened "))
      << opened_message(bare);
}

TEST(Messages, where_nobody_is_found_to_hold_it_who_opened_it_is_told) {
  Listener listener = netcat();
  Owner& owner = listener.annotation.owner;
  owner.opener = owner.holders.front();
  owner.opener->user = "max";
  owner.holders.clear();
  owner.state = OwnerState::Unexplained;
  EXPECT_TRUE(opened_message(listener).starts_with(
      "unexpected listener: nc (pid 4711, user max; who holds it now is not known: unexplained) opened "))
      << opened_message(listener);
}

TEST(Messages, containers_namespaces_and_further_holders_are_told) {
  Listener listener = netcat();
  listener.annotation.name_space = "web";
  listener.annotation.owner.container = "docker:0123456789ab";
  listener.annotation.owner.holders.push_back(listener.annotation.owner.holders.front());
  EXPECT_EQ(
      opened_message(listener),
      "unexpected listener: nc (pid 4711 and 1 more, user max) opened 0.0.0.0:4444/tcp (krb524, registered, "
      "explicit, reachable: any) in container docker:0123456789ab of namespace web; no rule expects it");
}

TEST(Messages, a_program_without_a_name_is_called_by_its_file) {
  Listener listener = netcat();
  listener.annotation.owner.holders.front().comm.clear();
  EXPECT_TRUE(opened_message(listener).starts_with("unexpected listener: nc (pid 4711"))
      << opened_message(listener);
}

Listener telnet_by(std::string_view comm, std::string_view unit) {
  Listener made = netcat(VerdictKind::Expected, 23);
  made.annotation.service = Service{"telnet", "", "", "ssh (22)", Encryption::No, ServiceSource::Common};
  own(made, comm, unit);
  made.verdict.origin = "policy.d/1.toml:2";
  return made;
}

TEST(Messages, what_is_not_encrypted_is_said_with_what_to_use_instead) {
  Listener telnet = telnet_by("in.telnetd", "telnet.socket");
  judge(telnet, VerdictKind::Unexpected);
  EXPECT_TRUE(
      opened_message(telnet).ends_with("; no rule expects it; usually not encrypted, safer: ssh (22)"))
      << opened_message(telnet);
  telnet.members.front().bind = Bind::Assigned;
  EXPECT_TRUE(opened_message(telnet).ends_with("; no rule expects it"))
      << "a handed-out number means nothing";
}

std::string plaintext_message(const Listener& listener) {
  return transition_message({Event::PlaintextExposed, AlertTone::Wrong, listener});
}

std::string plaintext_over_message(const Listener& listener) {
  return transition_message({Event::PlaintextExposed, AlertTone::Right, listener});
}

TEST(Messages, plaintext_says_where_it_reaches_and_which_rule_let_it) {
  Listener telnet = telnet_by("in.telnetd", "telnet.socket");
  const std::string what =
      "0.0.0.0:23/tcp (telnet, registered, explicit, reachable: any) of in.telnetd (pid 4711, user max) in "
      "telnet.socket";
  EXPECT_EQ(
      plaintext_message(telnet),
      "plaintext exposed: " + what +
          "; usually not encrypted, safer: ssh (22); expected by rule \"web\" (policy.d/1.toml:2), which "
          "names no address");
  EXPECT_EQ(plaintext_over_message(telnet),
            "plaintext no longer exposed: " + what + "; expected by rule \"web\" (policy.d/1.toml:2)");
  telnet.closed = telnet.opened;
  EXPECT_EQ(plaintext_over_message(telnet), "plaintext no longer exposed: " + what + "; it was closed");
  telnet.verdict = {VerdictKind::Expected, "default", "", "", Severity::Warning};
  EXPECT_TRUE(plaintext_message(telnet).ends_with("; expected by default")) << plaintext_message(telnet);
}

TEST(Messages, two_owners_are_told_side_by_side) {
  Listener second = telnet_by("nc", "session-3.scope");
  judge(second, VerdictKind::Unexpected);
  const Listener first = telnet_by("in.telnetd", "telnet.socket");
  EXPECT_EQ(
      second_owner_message(first, second),
      "second owner: nc (pid 4711, user max) in session-3.scope shares 0.0.0.0:23/tcp (telnet, "
      "registered, explicit, reachable: any) with in.telnetd (pid 4711, user max) in telnet.socket; no rule "
      "expects it");
  EXPECT_EQ(
      second_owner_left_message(second, first),
      "second owner gone: 0.0.0.0:23/tcp (telnet, registered, explicit, reachable: any) was shared with nc "
      "(pid 4711, user max) in session-3.scope; it is now held by in.telnetd (pid 4711, user max) in "
      "telnet.socket");
}

TEST(Messages, an_upgrade_names_both_programs) {
  Listener after = telnet_by("in.telnetd", "telnet.socket");
  after.annotation.owner.holders[0].exe = "/usr/sbin/telnetd-2";
  EXPECT_EQ(
      upgraded_message(telnet_by("in.telnetd", "telnet.socket"), after),
      "program replaced: 0.0.0.0:23/tcp (telnet, registered, explicit, reachable: any) was "
      "/usr/bin/in.telnetd and is now /usr/sbin/telnetd-2 in telnet.socket, the same unit: an upgrade, as a "
      "rule; expected by rule \"web\" (policy.d/1.toml:2)");
}

TEST(Messages, what_is_accepted_says_by_whom) {
  EXPECT_EQ(accepted_message(telnet_by("in.telnetd", "telnet.socket")),
            "no longer unexpected: 0.0.0.0:23/tcp (telnet, registered, explicit, reachable: any) of "
            "in.telnetd (pid "
            "4711, user max) in telnet.socket; expected by rule \"web\" (policy.d/1.toml:2)");
  Listener ignored = telnet_by("in.telnetd", "telnet.socket");
  ignored.verdict.kind = VerdictKind::Ignored;
  EXPECT_TRUE(accepted_message(ignored).ends_with("; ignored by rule \"web\" (policy.d/1.toml:2)"));
}

TEST(Messages, a_short_life_says_how_long_it_was) {
  const std::pair<Duration, const char*> cases[] = {{std::chrono::microseconds(12), "for 12 us"},
                                                    {std::chrono::milliseconds(5), "for 5 ms"},
                                                    {std::chrono::milliseconds(1999), "for 1 s"}};
  for (const auto& [lifetime, said] : cases) {
    Listener gone = netcat();
    gone.closed = gone.opened + lifetime;
    EXPECT_EQ(
        short_lived_message(gone),
        "short-lived listener: nc (pid 4711, user max) listened on 0.0.0.0:4444/tcp (krb524, registered, "
        "explicit, reachable: any) in session-3.scope " +
            std::string(said) + "; no rule expects it");
  }
}

TEST(Messages, a_short_life_of_which_only_the_end_was_heard_is_no_more_than_likely) {
  Listener gone = netcat();
  gone.seen_by = EventSource::Destroy;
  gone.annotation.owner = {};
  gone.annotation.owner.state = OwnerState::Exited;
  gone.members.front().bind = Bind::Unknown;
  EXPECT_EQ(
      short_lived_message(gone),
      "short-lived listener: an unknown program (exited) may have listened on 0.0.0.0:4444/tcp (krb524, "
      "registered, reachable: any) between two looks; no rule expects it");
}

TEST(Messages, a_closing_says_since_when_it_was_known) {
  EXPECT_EQ(closed_message(netcat()),
            "unexpected listener closed: 0.0.0.0:4444/tcp (krb524, registered, explicit, reachable: any) of "
            "nc (pid "
            "4711, user max) in session-3.scope; first seen 2026-01-01T00:00:00.000Z");
}

TEST(Messages, a_change_of_owner_names_both) {
  Listener after = netcat(VerdictKind::Expected);
  own(after, "nginx", "nginx.service");
  after.verdict.origin = "policy.d/50-web.toml:1";
  EXPECT_EQ(
      owner_changed_message(netcat(), after),
      "owner changed: 0.0.0.0:4444/tcp (krb524, registered, explicit, reachable: any) was nc (pid 4711, user "
      "max) in session-3.scope and is now nginx (pid 4711, user max) in nginx.service; expected by rule "
      "\"web\" "
      "(policy.d/50-web.toml:1)");
  after.verdict.rule = "learned";
  EXPECT_TRUE(owner_changed_message(netcat(), after).ends_with("; expected since the baseline was learned"));
}

TEST(Messages, required_rules_and_the_monitor_speak_too) {
  const RequiredRule rule{"ssh", "policy.d/50-ssh.toml:2", Severity::Critical, FakeClock().now()};
  EXPECT_EQ(missing_message(rule),
            "required listener missing: nothing satisfies rule \"ssh\" (policy.d/50-ssh.toml:2) since "
            "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(found_message(rule),
            "required listener back: rule \"ssh\" (policy.d/50-ssh.toml:2) is satisfied again");
  EXPECT_EQ(degraded_message("tcp sockets over IPv6", "Permission denied"),
            "monitoring degraded: tcp sockets over IPv6: Permission denied");
  EXPECT_EQ(recovered_message("tcp sockets over IPv6"), "monitoring recovered: tcp sockets over IPv6");
}

TEST(Messages, foreign_text_stays_on_one_harmless_line) {
  Listener hostile = netcat();
  const std::string nasty = "\x1b]0;x\a\n\xff";
  hostile.annotation.owner.holders.front().comm = nasty;
  hostile.annotation.owner.user = hostile.annotation.owner.unit = hostile.annotation.name_space = nasty;
  hostile.annotation.service->name = hostile.verdict.rule = hostile.verdict.reason = nasty;
  const RequiredRule rule{nasty, nasty, Severity::Warning, {}};
  for (const std::string& message :
       {opened_message(hostile), closed_message(hostile), owner_changed_message(hostile, hostile),
        baseline_message(std::vector<Listener>{hostile}), missing_message(rule), found_message(rule),
        degraded_message(nasty, nasty), recovered_message(nasty), culprit(hostile)}) {
    EXPECT_EQ(message.find_first_of("\x1b\a\n\xff"), std::string::npos) << printable(message);
  }
}

Listener reaching(Scope scope, std::uint16_t port) {
  Listener made = netcat(VerdictKind::Expected, port);
  made.annotation.scope = scope;
  return made;
}

TEST(Messages, a_baseline_is_sorted_by_exposure) {
  const std::vector<Listener> learned{reaching(Scope::Multicast, 1), reaching(Scope::Loopback, 2),
                                      reaching(Scope::Any, 4),       reaching(Scope::LinkLocal, 3),
                                      reaching(Scope::Any, 5),       reaching(Scope::Private, 6),
                                      reaching(Scope::Public, 7)};
  EXPECT_EQ(
      baseline_message(learned),
      "baseline learned: 7 listeners are expected from now on; reachable: any: 0.0.0.0:4/tcp (nc), "
      "0.0.0.0:5/tcp (nc); reachable: public: 0.0.0.0:7/tcp (nc); reachable: private: 0.0.0.0:6/tcp (nc); "
      "reachable: link-local: 0.0.0.0:3/tcp (nc); reachable: loopback: 0.0.0.0:2/tcp (nc); reachable: "
      "multicast: 0.0.0.0:1/tcp (nc)");
}

TEST(Messages, a_long_baseline_ends_with_a_count) {
  std::vector<Listener> learned;
  for (std::uint16_t port = 1; port <= 250; ++port) learned.push_back(reaching(Scope::Any, port));
  const std::string message = baseline_message(learned);
  EXPECT_TRUE(message.starts_with("baseline learned: 250 listeners are expected")) << message;
  EXPECT_TRUE(message.ends_with("0.0.0.0:100/tcp (nc); and 150 more")) << message;
  EXPECT_EQ(baseline_message({}), "baseline learned: 0 listeners are expected from now on");
}

TEST(Messages, the_culprit_is_the_lasting_name_where_there_is_one) {
  Listener listener = netcat();
  EXPECT_EQ(culprit(listener), "nc");
  listener.annotation.owner.unit = "evil.service";
  EXPECT_EQ(culprit(listener), "evil.service");
  listener.annotation.owner.container = "docker:0123";
  EXPECT_EQ(culprit(listener), "docker:0123");
}

}  // namespace
}  // namespace sockwatch
