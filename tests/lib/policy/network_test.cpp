// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/network.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(Network, reads_addresses_and_blocks) {
  const struct {
    std::string_view text, shown;
  } cases[] = {
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"10.0.0.1", "10.0.0.1/32"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"10.0.0.1/32", "10.0.0.1/32"},
      {"::/0", "::/0"},
      {"fe80::/10", "fe80::/10"},
      {"::1", "::1/128"},
      {"192.168.0.128/25", "192.168.0.128/25"},
  };
  for (const auto& each : cases) {
    const auto network = parse_network(each.text);
    ASSERT_TRUE(network) << each.text;
    EXPECT_EQ(to_string(*network), each.shown);
  }
}

TEST(Network, refuses_with_what_was_expected) {
  constexpr std::string_view kNoAddress =
      " is no address, expected a scope (loopback, link-local, private, public, multicast or any), an "
      "address or "
      "a CIDR";
  const struct {
    std::string_view text, complaint;
  } cases[] = {
      {"", kNoAddress},
      {"lopback", kNoAddress},
      {"10.0.0", kNoAddress},
      {"10.0.0.256", kNoAddress},
      {"fe80::1%eth0", kNoAddress},
      {"/8", kNoAddress},
      {"10.0.0.0/33", " has no valid prefix length, expected one from /0 to /32"},
      {"10.0.0.0/", " has no valid prefix length, expected one from /0 to /32"},
      {"10.0.0.0/-1", " has no valid prefix length, expected one from /0 to /32"},
      {"10.0.0.0/8/8", " has no valid prefix length, expected one from /0 to /32"},
      {"::/129", " has no valid prefix length, expected one from /0 to /128"},
      {"10.0.0.1/8", " has bits set behind its prefix, expected \"10.0.0.0/8\" or \"10.0.0.1\""},
      {"fe80::1/64", " has bits set behind its prefix, expected \"fe80::/64\" or \"fe80::1\""},
      {"::ffff:10.0.0.1", " is IPv4 in the form of IPv6, expected \"10.0.0.1\""},
      {"::ffff:0:0/96", " is IPv4 in the form of IPv6, expected \"0.0.0.0/0\""},
      {"::ffff:10.0.0.0/104", " is IPv4 in the form of IPv6, expected \"10.0.0.0/8\""},
      {"::ffff:10.1.2.3/104", " is IPv4 in the form of IPv6, expected \"10.0.0.0/8\""},
      {"::ffff:10.1.2.3/128", " is IPv4 in the form of IPv6, expected \"10.1.2.3/32\""},
      {"::ffff:10.1.2.3/8", " is IPv4 in the form of IPv6, expected an IPv4 network such as \"10.0.0.0/8\""},
      {"::ffff:10.1.2.3/129",
       " is IPv4 in the form of IPv6, expected an IPv4 network such as \"10.0.0.0/8\""},
  };
  for (const auto& each : cases) {
    const auto network = parse_network(each.text);
    ASSERT_FALSE(network) << each.text;
    EXPECT_EQ(network.error().message, "\"" + std::string(each.text) + "\"" + std::string(each.complaint));
  }
}

TEST(Network, contains_what_shares_its_prefix_and_family) {
  const struct {
    std::string_view network, address;
    bool inside;
  } cases[] = {
      {"10.0.0.0/8", "10.255.1.2", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/9", "10.127.0.1", true},
      {"10.0.0.0/9", "10.128.0.1", false},
      {"0.0.0.0/0", "1.2.3.4", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "1.2.3.4", false},
      {"::/0", "fe80::1", true},
      {"fe80::/10", "febf::1", true},
      {"fe80::/10", "fec0::1", false},
      {"::1", "::1", true},
      {"::1", "::2", false},
      {"0.0.0.0", "::", false},
      {"::", "0.0.0.0", false},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(parse_network(each.network)->contains(ip(each.address)), each.inside)
        << each.address << " in " << each.network;
  }
}

}  // namespace
}  // namespace sockwatch
