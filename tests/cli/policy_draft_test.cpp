// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_draft.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/policy_case.h"
#include "lib/annotate/scope.h"
#include "lib/config/config_files.h"
#include "lib/config/listen_address.h"
#include "lib/policy/builtin.h"
#include "lib/policy/judge.h"
#include "lib/policy/policy_loader.h"
#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

Listener open(Protocol protocol, std::string_view address, std::uint16_t port, Owner owner) {
  Listener made = open_listener(protocol, address, port, std::move(owner)).listener;
  made.annotation.scope = scope_of(made.key.local.address);
  return made;
}

Listener on_assigned_port(Listener listener) {
  for (SocketRecord& member : listener.members) member.bind = Bind::Assigned;
  return listener;
}

Owner in_container(std::string container, std::string exe) {
  Owner owner = owned_by("", "nginx", 9, "root");
  owner.container = std::move(container);
  owner.holders.front().exe = std::move(exe);
  return owner;
}

Owner from(std::string exe) {
  Owner owner = owned_by("", "tool", 5, "max");
  owner.holders.front().exe = std::move(exe);
  return owner;
}

// Everything a machine may have, and what is awkward about it.
std::vector<Listener> busy_machine() {
  const Owner ssh = owned_by("ssh.service", "sshd", 812, "root");
  return {open(Protocol::Tcp, "0.0.0.0", 22, ssh),
          open(Protocol::Tcp, "::", 22, ssh),
          open(Protocol::Tcp, "127.0.0.1", 631, owned_by("cups.service", "cupsd", 7, "root")),
          open(Protocol::Tcp, "192.88.99.5", 8443, from("/opt/vendor/bin/server")),
          open(Protocol::Tcp, "10.1.2.3", 8080, in_container("docker:0123456789ab", "/usr/sbin/nginx")),
          open(Protocol::Tcp, "10.1.2.4", 8080, in_container("docker:ba9876543210", "/usr/sbin/nginx")),
          open(Protocol::Tcp, "0.0.0.0", 9000, from("/home/max/a\"b\\[x]\nname = \"evil\"")),
          open(Protocol::Tcp, "10.1.2.3", 9000, from("/srv/one/tool")),
          open(Protocol::Tcp, "10.1.2.3", 9000, from("/srv/two/tool")),
          open(Protocol::Udp, "0.0.0.0", 51820, owned_by_nobody(OwnerState::Kernel)),
          open(Protocol::Udp, "224.0.0.251", 5353, owned_by_nobody(OwnerState::NoPermission)),
          on_assigned_port(open(Protocol::Tcp, "0.0.0.0", 40001, from("/usr/bin/tool"))),
          on_assigned_port(open(Protocol::Tcp, "0.0.0.0", 40002, from("/usr/bin/tool"))),
          on_assigned_port(open(Protocol::Tcp, "127.0.0.1", 40003, from("/usr/bin/tool"))),
          on_assigned_port(open(Protocol::Udp, "0.0.0.0", 40004, from("/usr/bin/client")))};
}

Policy built_in() {
  return {{}, built_in_rules({*parse_listen_address("127.0.0.1:10762")}), Action::Alert};
}

std::vector<Blessing> bless(const std::vector<Listener>& listeners, const Policy& policy) {
  PolicyDraft draft(policy);
  for (const Listener& listener : listeners) draft.see(listener);
  return draft.blessings();
}

std::vector<Rule> rules_of(const std::string& text) {
  auto rules = parse_policy("policy.d/learned.toml", text, {});
  EXPECT_TRUE(rules.ok()) << rules.error().message << "\n" << text;
  return *std::move(rules);
}

TEST(PolicyDraft, judged_by_it_the_same_sockets_leave_nothing_unexpected) {
  Policy policy = built_in();
  const std::string text = draft_heading() + draft_text(bless(busy_machine(), policy));
  policy.rules = rules_of(text);
  for (const Listener& listener : busy_machine()) {
    const Verdict verdict = judge(listener, policy, {}, OwnerEvidence::Final);
    EXPECT_NE(verdict.kind, VerdictKind::Unexpected) << to_string(listener.key.local) << "\n" << text;
  }
  EXPECT_TRUE(bless(busy_machine(), policy).empty()) << "a second time there is nothing to add";
}

TEST(PolicyDraft, of_every_ordinary_program_expects_every_one) {
  const auto file = read_config_file(SOCKWATCH_TESTS_DIR "/policy/benign.toml");
  const auto cases = parse_cases(file->path, file->text, {});
  ASSERT_TRUE(cases.ok());
  Policy policy = built_in();
  std::vector<Listener> listeners;
  for (const PolicyCase& each : *cases) listeners.push_back(each.listener);
  policy.rules = rules_of(draft_text(bless(listeners, policy)));
  EXPECT_EQ(try_policy(policy, *cases).verdicts[static_cast<std::size_t>(VerdictKind::Unexpected)], 0U);
}

TEST(PolicyDraft, is_one_rule_an_identity_the_most_exposed_first) {
  std::vector<std::string> names;
  for (const Blessing& blessing : bless(busy_machine(), built_in())) names.push_back(blessing.name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "ssh-22-tcp", "a-b--x--name----evil--9000-tcp", "tool-assigned-tcp", "port-51820-udp",
                       "server-8443-tcp-public", "nginx-8080-tcp-private", "tool-9000-tcp-private",
                       "tool-9000-tcp-private-2", "cups-631-tcp-loopback", "port-5353-udp-multicast"}));
}

TEST(PolicyDraft, is_the_same_text_in_whatever_order_sockets_come) {
  std::vector<Listener> backwards = busy_machine();
  std::reverse(backwards.begin(), backwards.end());
  const auto rules_alone = [](const std::vector<Listener>& listeners) {
    return draft_text(bless(listeners, built_in()));
  };
  EXPECT_EQ(rules_alone({backwards[13], backwards[14]}), rules_alone({backwards[14], backwards[13]}));
  EXPECT_EQ(rules_of(rules_alone(backwards)).size(), rules_of(rules_alone(busy_machine())).size());
}

TEST(PolicyDraft, comments_say_what_was_seen) {
  Listener ssh = open(Protocol::Tcp, "0.0.0.0", 22, owned_by("ssh.service", "sshd", 812, "root"));
  ssh.annotation.service = Service{"ssh", "Secure Shell", "", "", Encryption::Yes, ServiceSource::Common};
  const Listener v6 = open(Protocol::Tcp, "::", 22, owned_by("ssh.service", "sshd", 812, "root"));
  EXPECT_EQ(draft_text(bless({ssh, v6}, {})), R"(
# 0.0.0.0:22, [::]:22: sshd (/usr/bin/sshd), user root; usually Secure Shell
[[rule]]
name = "ssh-22-tcp"
action = "expect"
protocol = "tcp"
port = 22
address = "any"
unit = "ssh.service"
)");
}

TEST(PolicyDraft, foreign_names_stay_in_their_comment) {
  const std::string text =
      draft_text(bless({open(Protocol::Tcp, "::", 1, from("/x\n[[rule]]\nname = 1"))}, {}));
  EXPECT_EQ(rules_of(text).size(), 1U) << text;
}

std::string doubt(Listener listener) {
  return doubt_about(bless({std::move(listener)}, {}).front());
}

TEST(PolicyDraft, marks_what_deserves_a_look) {
  EXPECT_EQ(doubt(open(Protocol::Tcp, "::", 1, from("/usr/bin/x"))), "");
  EXPECT_EQ(doubt(open(Protocol::Tcp, "::", 1, from("/opt/google/chrome/chrome"))), "");
  EXPECT_EQ(doubt(open(Protocol::Tcp, "::", 1, from("/snap/lxd/1/bin/lxd"))), "");
  EXPECT_EQ(doubt(open(Protocol::Udp, "::", 1, owned_by_nobody(OwnerState::Kernel))), "");
  EXPECT_EQ(doubt(open(Protocol::Tcp, "::", 1, from("/usr/local/bin/x"))),
            "program from outside any package: /usr/local/bin/x");
  EXPECT_EQ(doubt(open(Protocol::Tcp, "::", 1, from("/home/max/usr/bin/x"))),
            "program from outside any package: /home/max/usr/bin/x");
  EXPECT_EQ(doubt(open(Protocol::Tcp, "192.88.99.5", 1, owned_by_nobody(OwnerState::Unexplained))),
            "owner unknown (unexplained), so anybody's is expected; bound to a public address");
  EXPECT_EQ(doubt(open(Protocol::Tcp, "::", 1, in_container("docker:0123456789ab", "/app.sh"))), "");
}

TEST(PolicyDraft, a_person_sees_the_marks_first) {
  const auto blessings = bless({open(Protocol::Tcp, "::", 22, owned_by("ssh.service", "sshd", 1, "root")),
                                open(Protocol::Tcp, "192.88.99.5", 80, from("/usr/bin/x"))},
                               {});
  EXPECT_EQ(blessing_table(blessings).render({}),
            "   SCOPE   PROTO  PORT  OWNER        RULE             LOOK\n"
            "   any     tcp      22  ssh.service  ssh-22-tcp\n"
            "!  public  tcp      80  /usr/bin/x   x-80-tcp-public  bound to a public address\n");
}

TEST(PolicyDraft, what_a_rule_alerts_about_is_never_blessed) {
  const Policy policy{rules_of("[[rule]]\nname = \"no-telnet\"\naction = \"alert\"\nport = 23\n"
                               "[[rule]]\nname = \"ssh\"\naction = \"expect\"\nport = 22\n"
                               "[[rule]]\nname = \"web\"\naction = \"expect\"\nport = 80\n"),
                      {},
                      Action::Ignore};
  PolicyDraft draft(policy);
  draft.see(open(Protocol::Tcp, "::", 23, from("/usr/sbin/telnetd")));
  draft.see(open(Protocol::Tcp, "::", 22, from("/usr/sbin/sshd")));
  draft.see(open(Protocol::Tcp, "::", 8080, from("/usr/sbin/x")));
  ASSERT_EQ(draft.blessings().size(), 1U);
  EXPECT_EQ(draft.blessings().front().name, "x-8080-tcp");
  EXPECT_EQ(draft.named(), 2U);
  EXPECT_EQ(draft.refused(),
            std::set<std::string>{"[::]:23/tcp: rule \"no-telnet\", policy.d/learned.toml:1"});
  ASSERT_EQ(draft.unmet(policy.rules).size(), 1U);
  EXPECT_EQ(draft.unmet(policy.rules).front().name, "web");
}

TEST(PolicyDraft, names_that_are_taken_are_numbered) {
  const Policy policy{
      rules_of("[[rule]]\nname = \"x-80-tcp\"\naction = \"expect\"\nport = 81\n"), {}, Action::Alert};
  EXPECT_EQ(bless({open(Protocol::Tcp, "::", 80, from("/usr/bin/x"))}, policy).front().name, "x-80-tcp-2");
}

}  // namespace
}  // namespace sockwatch
