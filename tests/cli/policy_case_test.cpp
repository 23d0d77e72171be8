// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_case.h"

#include <gtest/gtest.h>

#include "lib/policy/policy_loader.h"

namespace sockwatch {
namespace {

constexpr std::string_view kPlace = "[[socket]]\nprotocol = \"tcp\"\naddress = \"0.0.0.0\"\nport = 80\n";

std::vector<PolicyCase> cases(const std::string& text) {
  auto parsed = parse_cases("web.toml", text, {});
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return parsed.ok() ? *std::move(parsed) : std::vector<PolicyCase>(1);
}

std::string mistake(const std::string& text) {
  const auto parsed = parse_cases("web.toml", text, {});
  return parsed.ok() ? "none" : parsed.error().message;
}

Policy policy(std::string_view rules) {
  return {parse_policy("policy.d/web.toml", rules, {}).value(), {}, Action::Alert};
}

TEST(PolicyCase, is_a_socket_and_its_verdict) {
  const auto parsed = cases(R"(
[[socket]]
name = "web"
protocol = "tcp"
address = "::"
port = 443
v6only = true
namespace = "blue"
unit = "nginx.service"
container = "lxc:web"
exe = "/usr/sbin/nginx"
user = "www-data"
verdict = "expected"
rule = "web"
)");
  ASSERT_EQ(parsed.size(), 1U);
  const PolicyCase& made = parsed.front();
  EXPECT_EQ(made.at.line, 2U);
  EXPECT_EQ(made.name, "web");
  EXPECT_EQ(to_string(made.listener.key.local), "[::]:443");
  EXPECT_EQ(made.listener.bind(), Bind::Explicit);
  EXPECT_FALSE(made.listener.covers_ipv4());
  EXPECT_EQ(made.listener.annotation.name_space, "blue");
  EXPECT_EQ(made.listener.annotation.scope, Scope::Any);
  EXPECT_EQ(made.listener.annotation.service->name, "https");
  EXPECT_EQ(made.listener.annotation.owner.unit, "nginx.service");
  EXPECT_EQ(made.listener.annotation.owner.container, "lxc:web");
  EXPECT_EQ(made.listener.annotation.owner.holders.front().exe, "/usr/sbin/nginx");
  EXPECT_EQ(made.listener.annotation.owner.user, "www-data");
  EXPECT_EQ(made.verdict, VerdictKind::Expected);
  EXPECT_EQ(made.rule, "web");
}

TEST(PolicyCase, an_assigned_port_has_no_number) {
  const auto parsed = cases(
      "[[socket]]\nprotocol = \"udp\"\naddress = \"127.0.0.1\"\nport = \"assigned\"\nverdict = "
      "\"ignored\"\n");
  EXPECT_EQ(parsed.front().listener.bind(), Bind::Assigned);
  EXPECT_EQ(parsed.front().listener.annotation.name_space, "host");
}

TEST(PolicyCase, every_mistake_is_told_with_its_place) {
  const std::string place(kPlace);
  const std::vector<std::pair<std::string, std::string>> kMistakes{
      {"[[sockets]]\n",
       "web.toml:1:3: unknown key \"sockets\" in a file of policy tests, did you mean \"socket\"?"},
      {"[socket]\n", "web.toml:1:1: socket is a table, expected [[socket]], in two brackets"},
      {"socket = []\n", "web.toml:1:10: socket is an empty list, expected at least one value"},
      {"socket = [1]\n", "web.toml:1:11: socket = 1 is an integer, expected a table"},
      {place, "web.toml:1:1: a socket without \"verdict\", expected this key"},
      {place + "verdict = \"fine\"\n",
       "web.toml:5:11: verdict = \"fine\" is unknown, expected \"expected\", \"unexpected\", \"ignored\" or "
       "\"pending\""},
      {place + "verdict = \"ignored\"\nbind = \"assigned\"\n",
       "web.toml:6:1: unknown key \"bind\" in a socket, expected name, protocol, address"},
      {place + "verdict = \"ignored\"\nunit = 3\n", "web.toml:6:8: unit = 3 is an integer, expected a text"},
      {"[[socket]]\nprotocol = \"ip\"\naddress = \"localhost\"\nport = 70000\nverdict = \"ignored\"\n",
       "web.toml:2:12: protocol = \"ip\" is unknown, expected \"tcp\", \"udp\", \"mptcp\", \"udplite\", "
       "\"sctp\", "
       "\"raw\", \"packet\", \"unix\" or \"vsock\"\n"
       "web.toml:3:11: address = \"localhost\" is not an address, expected an address such as \"0.0.0.0\" or "
       "\"::1\"\n"
       "web.toml:4:8: port = 70000 is out of range, expected a port from 1 to 65535 or \"assigned\""},
      {place + "verdict = \"ignored\"\npath = \"/run/x\"\n",
       "web.toml:6:8: path = \"/run/x\" in a socket of protocol \"tcp\", expected no such key"},
      {"[[socket]]\nprotocol = \"unix\"\nverdict = \"ignored\"\n",
       "web.toml:1:1: a socket without \"path\", expected this key"},
      {"[[socket]\n", "web.toml:1:10: "},
  };
  for (const auto& [text, said] : kMistakes) EXPECT_TRUE(mistake(text).starts_with(said)) << mistake(text);
}

TEST(PolicyTrial, a_socket_without_a_port_is_named_by_its_own_place) {
  const auto written = cases(R"([[socket]]
protocol = "unix"
path = "@agent"
verdict = "unexpected"
rule = "agent"
[[socket]]
protocol = "packet"
interface = "eth0"
promiscuous = true
verdict = "expected"
[[socket]]
protocol = "raw"
address = "0.0.0.0"
port = 89
verdict = "unexpected"
)");
  const Policy rules = policy(
      "[[rule]]\nname = \"agent\"\naction = \"alert\"\npath = \"@a*\"\n"
      "[[rule]]\nname = \"sniffer\"\naction = \"expect\"\npromiscuous = true\ninterface = \"eth*\"\n"
      "[[rule]]\nname = \"ospf\"\naction = \"alert\"\nprotocol = \"raw\"\nport = 89\n");
  const Trial trial = try_policy(rules, written);
  EXPECT_EQ(trial_text(trial, false), "3 sockets: 1 expected, 2 unexpected\n");
  const std::string text = trial_text(try_policy(policy(""), written), false);
  for (const char* title : {": @agent/unix\n", ": eth0 (any)/packet\n"})
    EXPECT_NE(text.find(title), std::string::npos) << text;
}

TEST(PolicyTrial, all_as_written_is_a_sum) {
  const auto written = cases(std::string(kPlace) + "verdict = \"expected\"\n" + std::string(kPlace) +
                             "unit = \"x.service\"\nverdict = \"unexpected\"\nrule = \"no-x\"\n");
  const Policy rules = policy(
      "[[rule]]\nname = \"no-x\"\naction = \"alert\"\nunit = \"x.*\"\n"
      "[[rule]]\nname = \"web\"\naction = \"expect\"\nport = 80\n");
  const Trial trial = try_policy(rules, written);
  EXPECT_TRUE(trial.failed.empty());
  EXPECT_EQ(trial_text(trial, false), "2 sockets: 1 expected, 1 unexpected\n");
}

TEST(PolicyTrial, what_differs_is_shown_as_a_difference_with_the_lines_that_would_expect_it) {
  const auto written = cases(std::string(kPlace) + "name = \"nginx\"\nexe = \"/usr/sbin/nginx\"\n" +
                             "verdict = \"expected\"\nrule = \"web\"\n");
  EXPECT_EQ(trial_text(try_policy(policy(""), written), false), R"(web.toml:1:1: "nginx" 0.0.0.0:80/tcp
-  verdict = "expected", rule = "web"
+  verdict = "unexpected", rule = "default"
these lines would expect it:
[[rule]]
name = "nginx-80-tcp"
action = "expect"
protocol = "tcp"
port = 80
address = "any"
exe = "/usr/sbin/nginx"

1 socket: 1 unexpected
NOT as written: 1 socket
)");
}

TEST(PolicyTrial, another_rule_than_the_written_one_is_a_difference) {
  const auto written = cases(std::string(kPlace) + "verdict = \"expected\"\nrule = \"web\"\n");
  const Policy rules = policy("[[rule]]\nname = \"all\"\naction = \"expect\"\n");
  EXPECT_EQ(trial_text(try_policy(rules, written), false),
            "web.toml:1:1: 0.0.0.0:80/tcp\n"
            "-  verdict = \"expected\", rule = \"web\"\n"
            "+  verdict = \"expected\", rule = \"all\"  # policy.d/web.toml:1\n\n"
            "1 socket: 1 expected\nNOT as written: 1 socket\n");
}

TEST(PolicyTrial, an_owner_that_was_not_given_fits_no_glob_and_one_that_is_sought_waits) {
  const Policy rules = policy(
      "[[rule]]\nname = \"root\"\naction = \"expect\"\nuser = [\"root\", \"0\"]\n"
      "[[rule]]\nname = \"web\"\naction = \"expect\"\nexe = \"*\"\n");
  const auto written = cases(std::string(kPlace) + "verdict = \"unexpected\"\n" + std::string(kPlace) +
                             "owner_state = \"no-permission\"\nverdict = \"unexpected\"\n" +
                             std::string(kPlace) + "owner_state = \"budget\"\nverdict = \"pending\"\n");
  EXPECT_EQ(trial_text(try_policy(rules, written), false), "3 sockets: 2 unexpected, 1 pending\n");
}

}  // namespace
}  // namespace sockwatch
