// SPDX-License-Identifier: Apache-2.0
#include "cli/explanation.h"

#include <gtest/gtest.h>

#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

constexpr WallTime kNewYear{std::chrono::seconds(1767225600)};

std::string text_of(const OpenListener& open, std::optional<WallTime> started = std::nullopt) {
  return explanation_text({open, started, "", "/etc/sockwatch/policy.d"}, false);
}

OpenListener telnet() {
  OpenListener open = open_listener(Protocol::Tcp, "::", 23, owned_by("", "in.telnetd", 70, "root"));
  open.listener.annotation.service =
      Service{"telnet", "Telnet", "", "ssh (22)", Encryption::No, ServiceSource::Overlay};
  return open;
}

TEST(Explanation, tells_all_that_is_known_of_an_expected_listener) {
  OpenListener open = sshd();
  open.connections = 3;
  open.listener.first_seen.wall = kNewYear;
  open.listener.drops_total = 7;
  EXPECT_EQ(text_of(open, kNewYear - std::chrono::hours(1)),
            "0.0.0.0:22/tcp is open, and that is expected.\n"
            "  unit           ssh.service\n"
            "  held by        sshd, pid 812, /usr/bin/sshd\n"
            "  user           root\n"
            "  running since  2025-12-31T23:00:00.000Z\n"
            "  first seen     2026-01-01T00:00:00.000Z\n"
            "  reached by     every address of this machine: all networks it is in, where no firewall is in "
            "between "
            "(any)\n"
            "  port           22, well-known, chosen by the program\n"
            "  service        ssh, Secure Shell (a hint from the common ports)\n"
            "  traffic        usually encrypted\n"
            "  connections    3\n"
            "  queue          0 connections wait to be accepted, the limit is 128; 7 dropped so far\n"
            "  decided by     rule \"ssh\", policy.d/50-ssh.toml:2: remote administration\n");
}

TEST(Explanation, what_was_not_expected_comes_with_the_lines_that_would_expect_it) {
  EXPECT_EQ(text_of(telnet()),
            "[::]:23/tcp is open, and that is unexpected.\n"
            "  held by        in.telnetd, pid 70, /usr/bin/in.telnetd\n"
            "  user           root\n"
            "  reached by     every address of this machine: all networks it is in, where no firewall is in "
            "between; "
            "IPv6 and IPv4 (any)\n"
            "  port           23, well-known, chosen by the program\n"
            "  service        telnet, Telnet (a hint from the ports people really run)\n"
            "  traffic        usually plaintext; safer: ssh (22)\n"
            "  queue          0 connections wait to be accepted, the limit is 0; 0 dropped so far\n"
            "  decided by     no rule: the default for what no rule names\n"
            "\n"
            "These lines in a file of /etc/sockwatch/policy.d would expect it:\n"
            "\n"
            "[[rule]]\n"
            "name = \"in.telnetd-23-tcp\"\n"
            "action = \"expect\"\n"
            "protocol = \"tcp\"\n"
            "port = 23\n"
            "address = \"any\"\n"
            "exe = \"/usr/bin/in.telnetd\"\n"
            "user = \"root\"\n");
}

// The line about who reaches it.
std::string reach_of(const OpenListener& open, std::optional<std::vector<std::string>> interfaces = {}) {
  const std::string text = explanation_text({open, {}, "", "", std::move(interfaces)}, false);
  const std::string name = "reached by     ";
  const std::size_t at = text.find(name) + name.size();
  return text.substr(at, text.find('\n', at) - at);
}

TEST(Explanation, a_transparent_socket_is_not_of_this_machine_only) {
  OpenListener open = open_listener(Protocol::Tcp, "127.0.0.1", 3128, owned_by("", "squid", 70, "root"));
  SocketRecord& record = open.listener.members.front();
  open.listener.annotation.scope = Scope::Loopback;
  EXPECT_EQ(reach_of(open),
            "this machine only; whether it is transparent to other addresses is not known (loopback)");
  record.transparent = false;
  EXPECT_EQ(reach_of(open), "this machine only (loopback)");
  record.transparent = true;
  open.listener.annotation.scope = Scope::Any;
  EXPECT_EQ(reach_of(open),
            "what firewall and routes hand to it, to whatever address it was sent (IP_TRANSPARENT) (any)");
}

TEST(Explanation, the_reach_is_of_the_namespace_the_socket_is_in) {
  OpenListener open = open_listener(Protocol::Tcp, "0.0.0.0", 80, owned_by("", "web", 70, "root"));
  open.listener.annotation.name_space = "blue";
  EXPECT_EQ(reach_of(open), "every address of its network namespace (any)");
  EXPECT_EQ(reach_of(open, {{}}),
            "its own network namespace only: no interface but loopback is up there (any)");
  EXPECT_EQ(reach_of(open, {{"eth0"}}), "every address of its network namespace, where eth0 is up (any)");
  EXPECT_EQ(reach_of(open, {{"eth0", "eth1"}}),
            "every address of its network namespace, where eth0, eth1 are up (any)");
}

TEST(Explanation, what_was_learned_can_be_made_a_rule) {
  OpenListener open = telnet();
  open.listener.verdict = {VerdictKind::Expected, "learned", "learned", "", Severity::Warning};
  const std::string text = text_of(open);
  EXPECT_NE(text.find("decided by     what was learned: it was open when sockwatch first ran here\n"),
            std::string::npos);
  EXPECT_NE(text.find("[[rule]]"), std::string::npos);
}

TEST(Explanation, every_missing_owner_has_its_reason_in_words) {
  for (const OwnerState state : all_of<OwnerState>()) {
    if (state == OwnerState::Known) continue;
    const std::string text = text_of(open_listener(Protocol::Tcp, "::1", 80, owned_by_nobody(state)));
    EXPECT_NE(text.find("\n  held by        "), std::string::npos) << word(state);
  }
}

TEST(Explanation, every_scope_is_said_in_words) {
  for (const Scope scope : all_of<Scope>()) {
    OpenListener open = sshd();
    open.listener.annotation.scope = scope;
    EXPECT_NE(text_of(open).find(" (" + std::string(word(scope)) + ")\n"), std::string::npos);
  }
}

TEST(Explanation, a_udp_queue_holds_bytes) {
  OpenListener open = open_listener(Protocol::Udp, "::1", 53, owned_by_nobody(OwnerState::Kernel));
  open.listener.members.front().receive_queue = 512;
  EXPECT_NE(text_of(open).find("queue          512 bytes wait to be read; 0 dropped so far\n"),
            std::string::npos);
}

TEST(Explanation, a_crowd_of_holders_is_cut_short) {
  OpenListener open = sshd();
  for (std::int32_t pid = 900; pid < 910; ++pid) {
    open.listener.annotation.owner.holders.push_back({{pid, 1}, "sshd", "", 0});
  }
  const std::string text = text_of(open);
  EXPECT_NE(text.find("                 sshd, pid 906\n                 and 3 more\n"), std::string::npos)
      << text;
}

TEST(Explanation, says_from_whom_the_holder_descends_and_with_whom_he_shares) {
  OpenListener open = telnet();
  Owner other = owned_by("evil.service", "nc", 4711, "max");
  open.listener.annotation.owner.others = {other, Owner{}};
  const std::string text =
      explanation_text({open, std::nullopt, "bash (69) < systemd (1)", "/etc/sockwatch/policy.d"}, false);
  EXPECT_NE(text.find("  child of       bash (69) < systemd (1)\n"
                      "  shared with    nc, pid 4711, /usr/bin/nc, evil.service, user max\n"
                      "  shared with    unknown: still sought\n"),
            std::string::npos)
      << text;
  EXPECT_NE(
      explanation_json({open, std::nullopt, "", ""})
          .find(
              R"("shared_with":"nc, pid 4711, /usr/bin/nc, evil.service, user max; unknown: still sought")"),
      std::string::npos);
}

TEST(Explanation, foreign_text_cannot_steer_the_terminal) {
  OpenListener open = telnet();
  Owner& owner = open.listener.annotation.owner;
  owner.holders[0].comm = owner.holders[0].exe = owner.unit = owner.container = owner.user = "\x1b[2J";
  open.listener.verdict = {VerdictKind::Unexpected, "\x1b]0;", "\x1b[2J", "\x1b[2J", Severity::Warning};
  EXPECT_EQ(text_of(open).find('\x1b'), std::string::npos);
}

TEST(Explanation, colour_is_only_there_where_it_was_asked_for) {
  EXPECT_EQ(text_of(sshd()).find('\x1b'), std::string::npos);
  EXPECT_TRUE(
      explanation_text({sshd(), std::nullopt, "", ""}, true)
          .starts_with("\x1b[1m0.0.0.0:22/tcp\x1b[0m is open, and \x1b[32mthat is expected\x1b[0m.\n"));
}

TEST(Explanation, the_document_adds_the_rule_and_the_lines_to_the_listener) {
  EXPECT_EQ(
      explanation_json({sshd(), kNewYear, "systemd [1]", "/etc/sockwatch/policy.d"}),
      R"({"protocol":"tcp","address":"0.0.0.0","port":22,"bind":"explicit","scope":"any","category":"well-known",)"
      R"("service":"ssh","namespace":"host","unit":"ssh.service","exe":"/usr/bin/sshd","comm":"sshd","pid":812,)"
      R"("uid":0,"user":"root","creator_uid":1000,"owner_state":"known","verdict":"expected","rule":"ssh","state":"listen",)"
      R"("accept_queue_length":0,"accept_queue_limit":128,"drops":0,"inode":100022,"members":1,"title":"Secure Shell",)"
      R"("encrypted":"yes","service_source":"common","process_started":"2026-01-01T00:00:00.000Z",)"
      R"("parents":"systemd [1]",)"
      R"("rule_origin":"policy.d/50-ssh.toml:2","rule_reason":"remote administration",)"
      R"("allow":"[[rule]]\nname = \"ssh-22-tcp\"\naction = \"expect\"\nprotocol = \"tcp\"\nport = 22\n)"
      R"(address = \"any\"\nunit = \"ssh.service\"\n","holders":[{"pid":812,"comm":"sshd","exe":"/usr/bin/sshd","uid":0}]})");
}

}  // namespace
}  // namespace sockwatch
