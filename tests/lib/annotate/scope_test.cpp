// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/scope.h"

#include <gtest/gtest.h>

#include <span>
#include <string_view>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

struct Case {
  std::string_view address;
  std::string_view scope;
};

void expect_scopes(std::span<const Case> cases) {
  for (const auto& [address, scope] : cases) EXPECT_EQ(word(scope_of(ip(address))), scope) << address;
}

// Each block with its first and last address, and the neighbours on both sides.
TEST(Scope, knows_the_blocks_of_ipv4_and_where_they_end) {
  const Case cases[] = {
      {"0.0.0.0", "any"},
      {"0.0.0.1", "link-local"},
      {"0.255.255.255", "link-local"},
      {"1.0.0.0", "public"},
      {"9.255.255.255", "public"},
      {"10.0.0.0", "private"},
      {"10.255.255.255", "private"},
      {"11.0.0.0", "public"},
      {"100.63.255.255", "public"},
      {"100.64.0.0", "private"},
      {"100.127.255.255", "private"},
      {"100.128.0.0", "public"},
      {"126.255.255.255", "public"},
      {"127.0.0.0", "loopback"},
      {"127.0.0.53", "loopback"},
      {"127.255.255.255", "loopback"},
      {"128.0.0.0", "public"},
      {"169.253.255.255", "public"},
      {"169.254.0.0", "link-local"},
      {"169.254.255.255", "link-local"},
      {"169.255.0.0", "public"},
      {"172.15.255.255", "public"},
      {"172.16.0.0", "private"},
      {"172.31.255.255", "private"},
      {"172.32.0.0", "public"},
      {"191.255.255.255", "public"},
      {"192.0.0.0", "private"},
      {"192.0.0.8", "private"},
      {"192.0.0.9", "public"},
      {"192.0.0.10", "public"},
      {"192.0.0.11", "private"},
      {"192.0.0.255", "private"},
      {"192.0.1.0", "public"},
      {"192.0.2.0", "private"},
      {"192.0.2.255", "private"},
      {"192.0.3.0", "public"},
      {"192.0.255.255", "public"},
      {"192.88.99.1", "public"},
      {"192.167.255.255", "public"},
      {"192.168.0.0", "private"},
      {"192.168.255.255", "private"},
      {"192.169.0.0", "public"},
      {"198.17.255.255", "public"},
      {"198.18.0.0", "private"},
      {"198.19.255.255", "private"},
      {"198.20.0.0", "public"},
      {"198.51.99.255", "public"},
      {"198.51.100.0", "private"},
      {"198.51.101.0", "public"},
      {"203.0.112.255", "public"},
      {"203.0.113.255", "private"},
      {"203.0.114.0", "public"},
      {"223.255.255.255", "public"},
      {"224.0.0.0", "multicast"},
      {"239.255.255.255", "multicast"},
      {"240.0.0.0", "private"},
      {"255.255.255.254", "private"},
      {"255.255.255.255", "link-local"},
  };
  expect_scopes(cases);
}

TEST(Scope, knows_the_blocks_of_ipv6_and_where_they_end) {
  const Case cases[] = {
      {"::", "any"},
      {"::1", "loopback"},
      {"::2", "public"},
      {"64:ff9b::808:808", "public"},
      {"64:ff9b:1::", "private"},
      {"64:ff9b:1:ffff::", "private"},
      {"64:ff9b:2::", "public"},
      {"100::1", "private"},
      {"100:0:0:1::1", "public"},
      {"2001::1", "public"},
      {"2001:1:ffff::", "public"},
      {"2001:2::1", "private"},
      {"2001:2:1::1", "public"},
      {"2001:db7:ffff::", "public"},
      {"2001:db8::", "private"},
      {"2001:db8:ffff:ffff::", "private"},
      {"2001:db9::", "public"},
      {"2002:a00:1::1", "public"},
      {"2a00:1450:4001::1", "public"},
      {"3fff::", "private"},
      {"3fff:fff:ffff::", "private"},
      {"3fff:1000::", "public"},
      {"5f00::1", "private"},
      {"5f01::", "public"},
      {"fbff:ffff::", "public"},
      {"fc00::", "private"},
      {"fd00::1", "private"},
      {"fdff:ffff::", "private"},
      {"fe00::", "public"},
      {"fe7f:ffff::", "public"},
      {"fe80::", "link-local"},
      {"fe80::1", "link-local"},
      {"febf:ffff::", "link-local"},
      {"fec0::1", "public"},
      {"feff::1", "public"},
      {"ff00::", "multicast"},
      {"ff02::1", "multicast"},
      {"ff0e::1", "multicast"},
  };
  expect_scopes(cases);
}

TEST(Scope, sees_the_ipv4_address_inside_a_mapped_one) {
  const Case cases[] = {
      {"::ffff:0.0.0.0", "any"},          {"::ffff:127.0.0.1", "loopback"},
      {"::ffff:127.255.0.1", "loopback"}, {"::ffff:169.254.1.1", "link-local"},
      {"::ffff:192.168.1.1", "private"},  {"::ffff:8.8.8.8", "public"},
  };
  expect_scopes(cases);
}

Endpoint bound(std::string_view address, std::uint32_t interface_index) {
  return {*parse_ip_address(address), 80, interface_index};
}

TEST(Scope, of_what_is_bound_to_the_loopback_device_is_this_machine_whatever_the_address) {
  for (const char* address : {"0.0.0.0", "::", "10.0.0.1", "8.8.8.8", "fe80::1", "127.0.0.53"}) {
    EXPECT_EQ(scope_of(Protocol::Tcp, bound(address, 1)), Scope::Loopback) << address;
    EXPECT_EQ(scope_of(Protocol::Udp, bound(address, 1), true), Scope::Loopback) << address;
  }
  EXPECT_EQ(scope_of(Protocol::Tcp, bound("0.0.0.0", 2)), Scope::Any);
  EXPECT_EQ(scope_of(Protocol::Packet, bound("0.0.0.0", 1)), Scope::Any) << "has no scope";
}

TEST(Scope, of_a_transparent_socket_is_every_address) {
  for (const char* address : {"127.0.0.1", "10.0.0.1", "::1", "0.0.0.0"}) {
    EXPECT_EQ(scope_of(Protocol::Tcp, bound(address, 0), true), Scope::Any) << address;
  }
}

}  // namespace
}  // namespace sockwatch
