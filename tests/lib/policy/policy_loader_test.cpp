// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/policy_loader.h"

#include <gtest/gtest.h>

#include "lib/config/config_files.h"
#include "tests/lib/config/folder.h"
#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

TEST(ParsePolicy, reads_a_whole_rule) {
  const Rule ssh = rules(R"(# comment
[[rule]]
name     = "ssh"
action   = "expect"
protocol = "tcp"
port     = [22, "8000-8100", "assigned"]
address  = ["any", "10.0.0.0/8"]
unit     = "ssh.s*"
exe      = "/usr/sbin/sshd"
user     = "root"
container = "docker:*"
namespace = "host"
severity = "critical"
reason   = "remote administration"
)")
                       .front();
  EXPECT_EQ(ssh.name, "ssh");
  EXPECT_EQ(ssh.action, Action::Expect);
  EXPECT_EQ(ssh.protocols, std::vector{Protocol::Tcp});
  EXPECT_EQ(ssh.ports, (std::vector<PortRange>{{22, 22, {}}, {8000, 8100, {}}}));
  EXPECT_TRUE(ssh.assigned_ports);
  EXPECT_EQ(ssh.scopes, std::vector{Scope::Any});
  EXPECT_EQ(to_string(ssh.networks.at(0)), "10.0.0.0/8");
  EXPECT_EQ(ssh.units, std::vector<std::string>{"ssh.s*"});
  EXPECT_EQ(ssh.exes, std::vector<std::string>{"/usr/sbin/sshd"});
  EXPECT_EQ(ssh.users, std::vector<std::string>{"root"});
  EXPECT_EQ(ssh.containers, std::vector<std::string>{"docker:*"});
  EXPECT_EQ(ssh.values_of("namespace"), std::vector<std::string>{"host"});
  EXPECT_FALSE(ssh.required);
  EXPECT_EQ(ssh.severity, Severity::Critical);
  EXPECT_EQ(ssh.reason, "remote administration");
  EXPECT_EQ(ssh.origin, "policy.d/test.toml:2");
}

TEST(ParsePolicy, what_a_rule_needs_is_demanded) {
  const struct {
    std::string text, complaint;
  } cases[] = {
      {"\n[[rule]]\naction = \"expect\"", "f:2:1: a rule without a name, expected name = \"…\""},
      {"[[rule]]\nname = \"n\"",
       "f:1:1: a rule without an action, expected action = expect, alert or ignore"},
      {"[rule]\nname = \"n\"", "f:1:1: rule is a table, expected [[rule]], in two brackets"},
      {"rule = []", "f:1:8: rule is an empty list, expected at least one value"},
      {"rule = [1]", "f:1:9: rule = 1 is an integer, expected a table"},
      {"[[rules]]\nname = \"n\"", "f:1:3: unknown key \"rules\" in a policy file, did you mean \"rule\"?"},
      {"[watch]\n", "f:1:2: unknown key \"watch\" in a policy file, expected rule"},
      {"[[rule]", "f:1:8: bad table header: encountered end-of-file"},
      {"[[rule]]\nname = \"n\"\nname = \"m\"\naction = \"alert\"",
       "f:3:8: bad key-value pair: cannot redefine existing string 'name'"},
      {"[[rule]]\nname = \"n\"\naction = \"alert\"\nport = 1\nrequired = true",
       "f:5:12: required = true in a rule that does not expect, expected action = \"expect\""},
      {"[[rule]]\nname = \"n\"\naction = \"expect\"\nrequired = true",
       "f:4:12: required = true in a rule without just one port, expected one number, range or service name"},
      {"[[rule]]\nname = \"n\"\naction = \"expect\"\nport = [1, 2]\nrequired = true",
       "f:5:12: required = true in a rule without just one port, expected one number, range or service name"},
      {"[[rule]]\nname = \"n\"\naction = \"expect\"\nport = \"assigned\"\nrequired = true",
       "f:5:12: required = true in a rule without just one port, expected one number, range or service name"},
  };
  for (const auto& each : cases) {
    const auto parsed = parse_policy("f", each.text, few_services);
    ASSERT_FALSE(parsed) << each.text;
    EXPECT_EQ(parsed.error().message, each.complaint);
  }
}

TEST(ParsePolicy, a_place_of_one_family_is_refused_in_a_rule_for_others) {
  const std::string head = "[[rule]]\nname = \"n\"\naction = \"alert\"\n";
  const std::string none = " in a rule for sockets that have none, expected one of the protocols ";
  const std::string with_scope = "tcp, udp, mptcp, udplite, sctp, raw, vsock";
  const struct {
    std::string lines, complaint;
  } cases[] = {
      {"protocol = \"tcp\"\npath = \"/run/x\"",
       "f:5:8: path = \"/run/x\" in a rule for other sockets, expected protocol = \"unix\""},
      {"path = \"/run/x\"\ninterface = \"eth0\"",
       "f:4:8: path = \"/run/x\" in a rule for other sockets, expected protocol = \"unix\""},
      {"protocol = \"unix\"\npromiscuous = true",
       "f:5:15: promiscuous = true in a rule for other sockets, expected protocol = \"packet\""},
      {"path = \"/run/x\"\nport = 22", "f:5:8: port = 22" + none + with_scope},
      {"protocol = [\"unix\", \"packet\"]\nport = [22, \"assigned\"]", "f:5:8: port" + none + with_scope},
      {"promiscuous = true\nport = \"assigned\"", "f:5:8: port = \"assigned\"" + none + with_scope},
      {"protocol = \"packet\"\naddress = \"any\"", "f:5:11: address = \"any\"" + none + with_scope},
      {"path = \"/run/x\"\naddress = [\"loopback\"]", "f:5:11: address" + none + with_scope},
      {"protocol = \"vsock\"\naddress = \"10.0.0.0/8\"",
       "f:5:11: address = \"10.0.0.0/8\"" + none + "tcp, udp, mptcp, udplite, sctp, raw"},
  };
  for (const auto& each : cases) {
    const auto parsed = parse_policy("f", head + each.lines, few_services);
    ASSERT_FALSE(parsed) << each.lines;
    EXPECT_EQ(parsed.error().message, each.complaint);
  }
  EXPECT_EQ(rule("protocol = [\"tcp\", \"unix\"]\npath = \"/run/x\"").values_of("path").size(), 1U);
  EXPECT_EQ(rule("protocol = [\"tcp\", \"unix\"]\nport = 22\naddress = \"any\"").ports.size(), 1U);
  EXPECT_TRUE(rule("protocol = \"unix\"\nport = \"assigned\"").assigned_ports);
  EXPECT_EQ(rule("protocol = \"raw\"\nport = 89\naddress = \"10.0.0.0/8\"").networks.size(), 1U);
  EXPECT_EQ(rule("protocol = \"vsock\"\nport = 22\naddress = \"link-local\"").scopes.size(), 1U);
}

TEST(ParsePolicy, required_goes_with_one_port) {
  EXPECT_TRUE(rule("port = 22\nrequired = true").required);
  EXPECT_TRUE(rule("port = [\"8000-8100\"]\nrequired = true").required);
  EXPECT_TRUE(rule("port = \"domain\"\nrequired = true").required);
}

TEST(ParsePolicy, nothing_is_also_a_policy) {
  EXPECT_TRUE(rules("").empty());
  EXPECT_TRUE(rules("# nothing yet\n").empty());
}

TEST(LoadPolicy, joins_files_in_lexical_order_and_adds_what_is_built_in) {
  const Folder folder;
  folder.write("policy.d/20-b.toml", "[[rule]]\nname=\"b\"\naction=\"alert\"\n");
  folder.write("policy.d/10-a.toml",
               "\n[[rule]]\nname=\"a2\"\naction=\"alert\"\n[[rule]]\nname=\"a1\"\naction=\"alert\"\n");
  folder.write("policy.d/30-c.toml.example", "not TOML");
  Settings settings;
  settings.policy.default_action = Action::Ignore;
  const auto policy = load_policy(folder.path("policy.d"), settings, few_services);
  ASSERT_TRUE(policy) << policy.error().message;
  ASSERT_EQ(policy->rules.size(), 3U);
  EXPECT_EQ(policy->rules[0].name, "a2");
  EXPECT_EQ(policy->rules[0].origin, "policy.d/10-a.toml:2");
  EXPECT_EQ(policy->rules[1].name, "a1");
  EXPECT_EQ(policy->rules[2].origin, "policy.d/20-b.toml:1");
  EXPECT_EQ(policy->default_action, Action::Ignore);
  ASSERT_FALSE(policy->built_in.empty());
  EXPECT_EQ(policy->built_in.front().ports.front().first, 10762);
}

TEST(LoadPolicy, a_rule_that_expects_or_ignores_everything_is_valid_and_warned_of) {
  const Folder folder;
  folder.write("policy.d/10-a.toml",
               "[[rule]]\nname = \"ssh\"\naction = \"expect\"\nport = 22\n"
               "[[rule]]\nname = \"all\"\naction = \"expect\"\n");
  folder.write("policy.d/20-b.toml",
               "[[rule]]\nname = \"x\"\naction = \"ignore\"\nuser = \"*\"\n"
               "[[rule]]\nname = \"y\"\naction = \"alert\"\n");
  const auto policy = load_policy(folder.path("policy.d"), {}, few_services);
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->rules.size(), 4U);
  const std::string why = " whatever opens: no key narrows it (port, address, unit, exe, user, …)";
  EXPECT_EQ(policy->warnings, folder.path("policy.d/10-a.toml") + ":5:1: rule \"all\" expects" + why + "\n" +
                                  folder.path("policy.d/20-b.toml") + ":1:1: rule \"x\" ignores" + why);
}

TEST(LoadPolicy, a_missing_directory_has_no_rules) {
  const Folder folder;
  const auto policy = load_policy(folder.path("policy.d"), {}, few_services);
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->rules.empty());
  EXPECT_FALSE(policy->built_in.empty());
}

TEST(LoadPolicy, every_mistake_of_every_file_is_told) {
  const Folder folder;
  folder.write("policy.d/a.toml", "[[rule]]\nname=\"x\"\naction=\"alert\"\nport=70000\nuser=1\n");
  folder.write("policy.d/b.toml", "[[rule]]\nname=\"x\"\n");
  const auto policy = load_policy(folder.path("policy.d"), {}, few_services);
  ASSERT_FALSE(policy);
  EXPECT_EQ(
      folder.without_path(policy.error().message),
      "policy.d/a.toml:4:6: port = 70000 is out of range, expected a port from 1 to 65535, a range such as "
      "\"8000-8100\", a service name or \"assigned\"\n"
      "policy.d/a.toml:5:6: user = 1 is an integer, expected a glob such as \"ssh*\"\n"
      "policy.d/b.toml:1:1: a rule without an action, expected action = expect, alert or ignore\n"
      "policy.d/b.toml:2:6: name = \"x\" is taken by the rule at policy.d/a.toml:2, expected a name of its "
      "own");
}

TEST(LoadPolicy, an_unreadable_file_is_an_error) {
  const Folder folder;
  folder.write("policy.d/a.toml", "");
  folder.link("policy.d/b.toml", "b.toml");
  const auto policy = load_policy(folder.path("policy.d"), {}, few_services);
  ASSERT_FALSE(policy);
  EXPECT_EQ(folder.without_path(policy.error().message),
            "policy.d/b.toml: cannot be read: Too many levels of symbolic links");
}

TEST(LoadPolicy, the_packaged_example_is_valid) {
  const auto file =
      read_config_file(SOCKWATCH_TESTS_DIR "/../packaging/default/policy.d/50-example.toml.example");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_FALSE(rules(file->text).empty());
}

}  // namespace
}  // namespace sockwatch
