// SPDX-License-Identifier: Apache-2.0
#include "cli/port_argument.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

struct Good {
  std::string_view text;
  std::optional<Protocol> protocol;
  std::uint16_t port;
  std::string_view name;
};

void expect(const Good& good, const Result<PortArgument>& parsed) {
  ASSERT_TRUE(parsed.ok()) << good.text;
  EXPECT_EQ(parsed->protocol, good.protocol) << good.text;
  EXPECT_EQ(parsed->port, good.port) << good.text;
  EXPECT_EQ(parsed->name, good.name) << good.text;
}

constexpr Good kPorts[] = {
    {"1", std::nullopt, 1, ""},
    {"22", std::nullopt, 22, ""},
    {"65535", std::nullopt, 65535, ""},
    {"22/tcp", Protocol::Tcp, 22, ""},
    {"tcp/22", Protocol::Tcp, 22, ""},
    {"udp/53", Protocol::Udp, 53, ""},
    {"53/udp", Protocol::Udp, 53, ""},
    {"mptcp/443", Protocol::Mptcp, 443, ""},
    {"7/udplite", Protocol::Udplite, 7, ""},
    {"sctp/3868", Protocol::Sctp, 3868, ""},
};

constexpr std::string_view kNeither[] = {
    "",           "0",          "65536",      "70000",   "99999999999999999999",
    "0/tcp",      "tcp/0",      "/",          "/22",     "22/",
    "tcp/",       "22/icmp",    "22/unix",    "22/TCP",  "22//",
    "22/tcp/udp", "tcp/22/tcp", "tcp/udp/22", "22 /tcp", " 22",
    "22 ",        "-1",         "-x",         "ssh/",    "/ssh",
    "ssh/22",     "a b",        "a\x1b[2J",   "a\xff",   "\n",
};

constexpr Good kNames[] = {
    {"ssh", std::nullopt, 0, "ssh"},
    {"domain/udp", Protocol::Udp, 0, "domain"},
    {"tcp/http", Protocol::Tcp, 0, "http"},
    {"node_exporter", std::nullopt, 0, "node_exporter"},
    {"3com-tsmux", std::nullopt, 0, "3com-tsmux"},
    {"tcp", std::nullopt, 0, "tcp"},
};

TEST(PortArgument, a_port_may_have_its_protocol_on_either_side) {
  for (const Good& good : kPorts) expect(good, parse_port(good.text));
}

TEST(PortArgument, what_is_no_port_is_refused) {
  for (const std::string_view text : kNeither) EXPECT_FALSE(parse_port(text).ok()) << text;
  for (const Good& name : kNames) EXPECT_FALSE(parse_port(name.text).ok()) << name.text;
}

TEST(PortArgument, where_names_are_taken_ports_are_too) {
  for (const Good& good : kPorts) expect(good, parse_port_or_name(good.text));
  for (const Good& good : kNames) expect(good, parse_port_or_name(good.text));
}

TEST(PortArgument, a_number_out_of_range_is_no_name) {
  for (const std::string_view text : kNeither) EXPECT_FALSE(parse_port_or_name(text).ok()) << text;
}

TEST(PortArgument, a_name_has_an_end) {
  EXPECT_TRUE(parse_port_or_name(std::string(64, 'a')).ok());
  EXPECT_FALSE(parse_port_or_name(std::string(65, 'a')).ok());
}

TEST(PortArgument, the_error_quotes_what_was_given_and_says_what_was_expected) {
  EXPECT_EQ(
      parse_port("700 ").error().message,
      R"("700 ": expected a port from 1 to 65535, with or without tcp, udp, mptcp, udplite or sctp: 22, tcp/22)");
  EXPECT_EQ(
      parse_port_or_name("70000").error().message,
      R"("70000": expected a port from 1 to 65535 or a service name, with or without a protocol: 22, 53/udp, ssh)");
}

}  // namespace
}  // namespace sockwatch
