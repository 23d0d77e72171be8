// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/suggestion.h"
#include "lib/annotate/scope.h"
#include "lib/policy/policy_loader.h"
#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

Listener open(Protocol protocol, std::string_view address, std::uint16_t port, Owner owner) {
  Listener made = open_listener(protocol, address, port, std::move(owner)).listener;
  made.annotation.scope = scope_of(made.key.local.address);
  made.verdict = {VerdictKind::Expected, "web", "policy.d/a.toml:1", "", Severity::Warning};
  return made;
}

Listener open(std::string_view address, std::uint16_t port) {
  return open(Protocol::Tcp, address, port, owned_by("x.service", "x", 1, "root"));
}

// What stands behind the lines that every chain has.
std::string chain(const std::vector<Listener>& listeners, std::string_view rules = "") {
  const Policy policy{parse_policy("policy.d/a.toml", rules, {}).value(), {}, Action::Alert};
  const std::string text = suggest_input_chain(listeners, policy);
  constexpr std::string_view kLast = "    # This machine itself.\n";
  const std::size_t at = text.find(kLast) + kLast.size();
  EXPECT_TRUE(text.ends_with("  }\n}\n"));
  return text.substr(at, text.size() - at - 6);
}

TEST(InputChain, admits_at_the_address_that_is_bound) {
  EXPECT_EQ(
      chain({open("10.1.2.3", 8080), open("fe80::1", 8080), open("0.0.0.0", 81), open("127.0.0.1", 631)}),
      "    #   127.0.0.1:631/tcp of x.service\n"
      "    iif \"lo\" accept\n"
      "    # 0.0.0.0:81/tcp of x.service: rule \"web\" (policy.d/a.toml:1)\n"
      "    meta nfproto ipv4 tcp dport 81 accept\n"
      "    # 10.1.2.3:8080/tcp of x.service: rule \"web\" (policy.d/a.toml:1)\n"
      "    ip daddr 10.1.2.3 tcp dport 8080 accept\n"
      "    # [fe80::1]:8080/tcp of x.service: rule \"web\" (policy.d/a.toml:1)\n"
      "    ip6 daddr fe80::1 tcp dport 8080 accept\n");
}

TEST(InputChain, a_wildcard_of_both_families_is_one_line) {
  Listener v6 = open("::", 80);
  EXPECT_NE(chain({v6}).find("    tcp dport 80 accept\n"), std::string::npos);
  v6.members.front().v6only = true;
  EXPECT_NE(chain({v6}).find("    meta nfproto ipv6 tcp dport 80 accept\n"), std::string::npos);
  EXPECT_NE(chain({v6, open("0.0.0.0", 80)}).find("    tcp dport 80 accept\n"), std::string::npos);
}

TEST(InputChain, what_is_not_expected_is_named_and_not_admitted) {
  Listener listener = open("0.0.0.0", 4444);
  listener.verdict = {VerdictKind::Unexpected, "default", "", "", Severity::Warning};
  listener.annotation.owner = owned_by("", "nc\nx", 1, "max");
  EXPECT_EQ(chain({listener}),
            "    iif \"lo\" accept\n"
            "    # NOT admitted: 0.0.0.0:4444/tcp of /usr/bin/nc\\x0ax: unexpected, no rule names it\n");
}

TEST(InputChain, a_handed_out_port_cannot_be_named) {
  Listener listener = open("0.0.0.0", 40000);
  listener.members.front().bind = Bind::Assigned;
  EXPECT_EQ(
      chain({listener}),
      "    iif \"lo\" accept\n"
      "    # NOT admitted: 0.0.0.0, an assigned port/tcp of x.service: has another port each time; answers "
      "of a host that it asks come in all the same, those to a multicast or broadcast question do not\n");
}

TEST(InputChain, what_rules_expect_is_admitted_though_it_is_not_open) {
  const std::string text =
      chain({open("10.1.2.3", 80)},
            "[[rule]]\nname = \"web\"\naction = \"expect\"\nprotocol = \"tcp\"\nport = [80, 443]\n"
            "[[rule]]\nname = \"db\"\naction = \"expect\"\nprotocol = \"tcp\"\nport = \"5432-5433\"\n"
            "address = [\"loopback\", \"10.0.0.0/8\", \"fd00::/8\"]\n"
            "[[rule]]\nname = \"scoped\"\naction = \"expect\"\nport = 1\naddress = \"private\"\n"
            "[[rule]]\nname = \"no\"\naction = \"alert\"\nport = 23\n");
  EXPECT_EQ(text,
            "    iif \"lo\" accept\n"
            "    # 10.1.2.3:80/tcp of x.service: rule \"web\" (policy.d/a.toml:1)\n"
            "    ip daddr 10.1.2.3 tcp dport 80 accept\n"
            "    # by the policy: rule \"web\" (policy.d/a.toml:1)\n"
            "    tcp dport 443 accept\n"
            "    # by the policy: rule \"db\" (policy.d/a.toml:6)\n"
            "    ip daddr 10.0.0.0/8 tcp dport 5432-5433 accept\n"
            "    # by the policy: rule \"db\" (policy.d/a.toml:6)\n"
            "    ip6 daddr fd00::/8 tcp dport 5432-5433 accept\n");
}

// The first rule that means a port decides about it, and what is open is said first.
TEST(InputChain, a_rule_admits_what_no_rule_before_it_means) {
  const std::string_view lab =
      "[[rule]]\nname = \"lab\"\naction = \"expect\"\nprotocol = \"tcp\"\nport = \"1-1023\"\n";
  for (const std::string_view before :
       {"action = \"alert\"\nport = 23\n", "action = \"ignore\"\nport = 23\n",
        "action = \"alert\"\nport = 23\nprotocol = \"tcp\"\naddress = [\"any\", \"public\"]\n"}) {
    const std::string text = chain({}, "[[rule]]\nname = \"no\"\n" + std::string(before) + std::string(lab));
    const std::size_t drop = text.find("    tcp dport 23 drop\n");
    ASSERT_NE(drop, std::string::npos) << text;
    EXPECT_LT(drop, text.find("    tcp dport 1-1023 accept\n")) << text;
    EXPECT_EQ(text.find("udp"), std::string::npos) << "nothing behind it admits that: " << text;
  }
  const std::string later =
      chain({}, std::string(lab) + "[[rule]]\nname = \"no\"\naction = \"alert\"\nport = 23\n");
  EXPECT_EQ(later.find("drop"), std::string::npos) << later;
  const std::string of_one =
      chain({}, "[[rule]]\nname = \"no\"\naction = \"alert\"\nport = 23\nexe = \"/x\"\n" + std::string(lab));
  EXPECT_EQ(of_one.find("drop"), std::string::npos) << "whose it will be is not known: " << of_one;
}

TEST(InputChain, what_is_open_and_not_expected_is_closed_before_a_rule_admits_its_port) {
  Listener listener = open("0.0.0.0", 23);
  listener.verdict = {VerdictKind::Unexpected, "no", "policy.d/a.toml:1", "", Severity::Warning};
  const std::string text = chain({listener, open("10.1.2.3", 23)},
                                 "[[rule]]\nname = \"lab\"\naction = \"expect\"\nport = \"1-1023\"\n");
  const std::size_t bound = text.find("    ip daddr 10.1.2.3 tcp dport 23 accept\n");
  const std::size_t wildcard = text.find("    meta nfproto ipv4 tcp dport 23 drop\n");
  EXPECT_LT(bound, wildcard) << text;
  EXPECT_LT(wildcard, text.find("    tcp dport 1-1023 accept\n")) << text;
}

TEST(InputChain, what_takes_both_families_gets_the_one_that_nobody_else_has) {
  Listener v4 = open("0.0.0.0", 80);
  Listener both = open("::", 80);
  both.verdict.kind = VerdictKind::Unexpected;
  const std::string text = chain({v4, both});
  EXPECT_NE(text.find("    meta nfproto ipv4 tcp dport 80 accept\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("    tcp dport 80 drop\n"), std::string::npos) << text;
}

TEST(InputChain, ignored_is_not_admitted) {
  Listener listener = open("0.0.0.0", 4491);
  listener.verdict = {VerdictKind::Ignored, "default", "", "", Severity::Warning};
  EXPECT_EQ(chain({listener}).find("accept", 30), std::string::npos) << chain({listener});
}

TEST(InputChain, another_network_namespace_is_not_this_one) {
  Listener listener = open("0.0.0.0", 80);
  listener.annotation.name_space = "other";
  EXPECT_EQ(
      chain({listener}, "[[rule]]\nname = \"a\"\naction = \"expect\"\nport = 81\nnamespace = \"other\"\n"),
      "    iif \"lo\" accept\n");
}

TEST(InputChain, protocols_without_ports_go_by_their_number) {
  Listener vrrp =
      open(Protocol::Raw, "0.0.0.0", 112, owned_by("keepalived.service", "keepalived", 1, "root"));
  Listener sniffer = open(Protocol::Raw, "0.0.0.0", 6, owned_by("x.service", "x", 1, "root"));
  const std::string text = chain(
      {vrrp, sniffer}, "[[rule]]\nname = \"r\"\naction = \"expect\"\nprotocol = \"raw\"\nport = \"2-89\"\n");
  EXPECT_NE(text.find("    meta nfproto ipv4 meta l4proto 112 accept\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    meta l4proto 2-5 accept\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    meta l4proto 34-89 accept\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("l4proto 6 "), std::string::npos) << "that would admit every port of TCP: " << text;
  EXPECT_NE(text.find("# NOT admitted: 0.0.0.0 (ip protocol 6)/raw of x.service: gets a copy"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace sockwatch
