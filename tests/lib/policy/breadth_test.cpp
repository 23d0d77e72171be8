// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/breadth.h"

#include <gtest/gtest.h>

#include "lib/policy/policy_loader.h"

namespace sockwatch {
namespace {

Rule rule_of(const std::string& keys) {
  const auto rules =
      parse_policy("p.toml", "[[rule]]\nname = \"r\"\naction = \"expect\"\n" + keys + "\n", {});
  EXPECT_TRUE(rules.ok()) << keys << ": " << rules.error().message;
  return rules.ok() && rules->size() == 1 ? rules->front() : Rule{};
}

TEST(Breadth, a_rule_without_a_key_that_narrows_takes_everything) {
  for (const char* keys : {"",
                           "reason = \"ours\"\nseverity = \"info\"",
                           "protocol = \"tcp\"",
                           "protocol = [\"sctp\", \"udp\"]",
                           "port = \"1-65535\"",
                           "port = [\"30000-65535\", \"1-80\", \"50-29999\", \"assigned\"]",
                           "port = [22, \"1-65535\"]",
                           "address = \"any\"",
                           "address = [\"loopback\", \"any\"]",
                           "address = \"0.0.0.0/0\"",
                           "address = \"::/0\"",
                           "unit = \"*\"",
                           "unit = [\"ssh*\", \"**\"]",
                           "exe = \"/*\"",
                           "exe = \"?*\"",
                           "user = \"*\"",
                           "container = \"*\"",
                           "namespace = \"host\"",
                           "namespace = [\"blue\", \"h*\"]",
                           "protocol = \"tcp\"\nport = \"1-65535\"\nuser = \"*\""})
    EXPECT_TRUE(takes_everything(rule_of(keys))) << keys;
}

TEST(Breadth, a_rule_that_leaves_something_out_does_not) {
  for (const char* keys :
       {"port = 22", "port = \"1-65534\"", "port = [\"1-30000\", \"30002-65535\"]", "port = \"assigned\"",
        "address = \"loopback\"", "address = \"10.0.0.0/8\"", "address = \"127.0.0.1\"",
        "unit = \"ssh.service\"", "unit = \"*.service\"", "exe = \"/usr/*\"", "user = \"root\"",
        "container = \"web-*\"", "namespace = \"blue\"", "protocol = \"sctp\"", "protocol = \"unix\"",
        "path = \"*\"", "interface = \"*\"\nprotocol = \"packet\"",
        "protocol = \"tcp\"\naddress = \"any\"\nport = 443"})
    EXPECT_FALSE(takes_everything(rule_of(keys))) << keys;
}

}  // namespace
}  // namespace sockwatch
