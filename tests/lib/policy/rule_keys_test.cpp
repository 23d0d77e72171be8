// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/rule_keys.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

constexpr std::string_view kPorts =
    ", expected a port from 1 to 65535, a range such as \"8000-8100\", a service name or \"assigned\"";
constexpr std::string_view kGlob = ", expected a glob such as \"ssh*\"";
constexpr std::string_view kName = ", expected a name of 1 to 64 printable bytes";
constexpr std::string_view kProtocols =
    ", expected \"tcp\", \"udp\", \"mptcp\", \"udplite\", \"sctp\", \"raw\", \"packet\", \"unix\" or "
    "\"vsock\"";
constexpr std::string_view kScopes =
    ", expected a scope (loopback, link-local, private, public, multicast or any), an address or a CIDR";

// The complaint about `line`, the fourth of a rule that is otherwise fine.
std::string complaint(const std::string& line) {
  const std::string name = line.starts_with("name =") ? "#" : "name = \"n\"";
  const std::string action = line.starts_with("action =") ? "#" : "action = \"expect\"";
  const auto parsed =
      parse_policy("f", "[[rule]]\n" + name + "\n" + action + "\n" + line + "\n", few_services);
  return parsed ? "" : parsed.error().message;
}

TEST(RuleKeys, accepts) {
  for (const char* line : {"name = \"ssh, for administration\"",
                           "name = \"端口\"",
                           "action = \"ignore\"",
                           "protocol = \"udp\"",
                           "protocol = [\"tcp\", \"mptcp\"]",
                           "port = 1",
                           "port = 65535",
                           "port = \"22\"",
                           "port = \"8000-8100\"",
                           "port = \"8000-8000\"",
                           "port = \"ssh\"",
                           "port = \"assigned\"",
                           "port = [22, \"80-90\", \"ssh\", \"assigned\"]",
                           "address = \"any\"",
                           "address = \"10.0.0.0/8\"",
                           "address = [\"loopback\", \"::1\", \"10.0.0.1\"]",
                           "unit = \"ssh.s*\"",
                           "unit = [\"a\", \"b?[c-d]\"]",
                           "exe = \"/usr/*\"",
                           "exe = \"[]]\"",
                           "exe = \"[!]a]\"",
                           "exe = \"\\\\[\"",
                           "user = \"root\"",
                           "container = \"docker:*\"",
                           "namespace = \"host\"",
                           "required = false",
                           "severity = \"critical\"",
                           "reason = \"\"",
                           "reason = \"because\""}) {
    EXPECT_EQ(complaint(line), "") << line;
  }
}

TEST(RuleKeys, refuses_with_what_was_expected) {
  const struct {
    std::string line, complaint;
    std::string_view expected;
  } cases[] = {
      {"name = \"\"", "4:8: name = \"\" is not a valid name", kName},
      {"name = 1", "4:8: name = 1 is an integer", kName},
      {"name = \"a\\nb\"", "4:8: name = \"a\\x0ab\" is not a valid name", kName},
      {"name = \"learned\"", "4:8: name = \"learned\" is a name of sockwatch's own",
       ", expected another name"},
      {"name = \"default\"", "4:8: name = \"default\" is a name of sockwatch's own",
       ", expected another name"},
      {"name = \"sockwatch-metrics\"", "4:8: name = \"sockwatch-metrics\" is a name of sockwatch's own",
       ", expected another name"},
      {"action = \"deny\"", "4:10: action = \"deny\" is unknown",
       ", expected \"expect\", \"alert\" or \"ignore\""},
      {"protocol = \"icmp\"", "4:12: protocol = \"icmp\" is unknown", kProtocols},
      {"protocol = 6", "4:12: protocol = 6 is an integer", kProtocols},
      {"protocol = []", "4:12: protocol is an empty list", ", expected at least one value"},
      {"port = 70000", "4:8: port = 70000 is out of range", kPorts},
      {"port = 0", "4:8: port = 0 is out of range", kPorts},
      {"port = -1", "4:8: port = -1 is out of range", kPorts},
      {"port = 22.0", "4:8: port is a float", kPorts},
      {"port = true", "4:8: port = true is a boolean", kPorts},
      {"port = [22, 70000]", "4:13: port = 70000 is out of range", kPorts},
      {"port = [[22]]", "4:9: port is an array", kPorts},
      {"port = []", "4:8: port is an empty list", ", expected at least one value"},
      {"port = \"70000\"", "4:8: port = \"70000\" is out of range", kPorts},
      {"port = \"0\"", "4:8: port = \"0\" is out of range", kPorts},
      {"port = \"1-65536\"", "4:8: port = \"1-65536\" is out of range", kPorts},
      {"port = \"90-80\"", "4:8: port = \"90-80\" runs backwards", kPorts},
      {"port = \"80-\"", "4:8: port = \"80-\" is neither a range nor a known service", kPorts},
      {"port = \"80 - 90\"", "4:8: port = \"80 - 90\" is neither a range nor a known service", kPorts},
      {"port = \"\"", "4:8: port = \"\" is neither a range nor a known service", kPorts},
      {"port = \"shh\"", "4:8: port = \"shh\" is neither a range nor a known service", kPorts},
      {"protocol = \"udp\"\nport = \"ssh\"", "5:8: port = \"ssh\" has no port for the rule's protocol",
       ", expected a service of that protocol"},
      {"address = \"everywhere\"", "4:11: address = \"everywhere\" is no address", kScopes},
      {"address = \"10.0.0.0/33\"", "4:11: address = \"10.0.0.0/33\" has no valid prefix length",
       ", expected one from /0 to /32"},
      {"address = \"10.0.0.1/8\"", "4:11: address = \"10.0.0.1/8\" has bits set behind its prefix",
       ", expected \"10.0.0.0/8\" or \"10.0.0.1\""},
      {"address = 10", "4:11: address = 10 is an integer", ", expected a scope, an address or a CIDR"},
      {"unit = \"\"", "4:8: unit = \"\" is empty", kGlob},
      {"unit = 1", "4:8: unit = 1 is an integer", kGlob},
      {"unit = \"a\\u0000b\"", "4:8: unit = \"a\\x00b\" holds a NUL byte", kGlob},
      {"exe = \"/usr/[ab\"", "4:7: exe = \"/usr/[ab\" has an open [ or a \\ at its end", kGlob},
      {"exe = \"[]\"", "4:7: exe = \"[]\" has an open [ or a \\ at its end", kGlob},
      {"exe = \"a\\\\\"", "4:7: exe = \"a\\\" has an open [ or a \\ at its end", kGlob},
      {"user = 0", "4:8: user = 0 is an integer", kGlob},
      {"container = []", "4:13: container is an empty list", ", expected at least one value"},
      {"namespace = true", "4:13: namespace = true is a boolean", kGlob},
      {"required = \"yes\"", "4:12: required = \"yes\" is a string", ", expected true or false"},
      {"severity = \"high\"", "4:12: severity = \"high\" is unknown",
       ", expected \"info\", \"warning\" or \"critical\""},
      {"reason = 1", "4:10: reason = 1 is an integer", ", expected a text"},
      {"prot = 22", "4:1: unknown key \"prot\" in a rule", ", did you mean \"port\"?"},
      {"cgroup = \"x\"", "4:1: unknown key \"cgroup\" in a rule",
       ", expected name, action, protocol, port, address, unit, exe, user, container, interface, path, "
       "promiscuous, namespace, required, "
       "severity "
       "or reason"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(complaint(each.line), "f:" + each.complaint + std::string(each.expected)) << each.line;
  }
}

TEST(RuleKeys, a_service_name_means_its_protocols_only) {
  const Rule both = rule("port = \"domain\"");
  EXPECT_EQ(both.ports, (std::vector<PortRange>{{53, 53, Protocol::Tcp}, {53, 53, Protocol::Udp}}));
  // The order of the keys in the text does not matter.
  const Rule one = rule("port = \"domain\"\nprotocol = \"udp\"");
  EXPECT_EQ(one.ports, (std::vector<PortRange>{{53, 53, Protocol::Udp}}));
}

// What the key of a property makes of a value.
std::string values_of(const Property& property, const std::string& toml) {
  const auto document = parse_document("f", "key = " + toml);
  Rule rule;
  Problems problems;
  const RuleKey key{property.name, nullptr, &property};
  key.read(KeyValue("f", document->front(), problems), rule, {});
  if (!problems.empty()) return problems.error().message;
  std::string text;
  for (const std::string& value : rule.values_of(property.name)) text += value + ";";
  return text;
}

TEST(RuleKeys, a_property_is_read_as_its_type_says) {
  constexpr std::array<std::string_view, 2> kColours{"red", "green"};
  const Property colour{"colour", {PropertyKind::Word, kColours}, PropertyUse::Rule, nullptr};
  const Property bright{"bright", {PropertyKind::Flag}, PropertyUse::Rule, nullptr};
  const Property name{"name", {PropertyKind::Text}, PropertyUse::Rule, nullptr};
  EXPECT_EQ(values_of(colour, "\"red\""), "red;");
  EXPECT_EQ(values_of(colour, "[\"green\", \"red\"]"), "green;red;");
  EXPECT_EQ(values_of(colour, "\"blue\""), "f:1:7: key = \"blue\" is unknown, expected \"red\" or \"green\"");
  EXPECT_EQ(values_of(bright, "false"), "false;");
  EXPECT_EQ(values_of(bright, "1"), "f:1:7: key = 1 is an integer, expected true or false");
  EXPECT_EQ(values_of(name, "[\"a*\", \"b\"]"), "a*;b;");
  EXPECT_EQ(values_of(name, "\"[\""),
            "f:1:7: key = \"[\" has an open [ or a \\ at its end, expected a glob such as \"ssh*\"");
}

TEST(RuleKeys, without_a_lookup_no_service_is_known) {
  EXPECT_FALSE(parse_policy("f", "[[rule]]\nname=\"n\"\naction=\"expect\"\nport=\"ssh\"\n", {}));
}

}  // namespace
}  // namespace sockwatch
