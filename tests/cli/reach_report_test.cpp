// SPDX-License-Identifier: Apache-2.0
#include "cli/reach_report.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace sockwatch {
namespace {

using firewall::AddressSet;
using firewall::Reach;
using firewall::ReachWord;
using firewall::Way;

IpAddress ip(const char* text) {
  return parse_ip_address(text).value();
}

Way way(const char* interface, const AddressSet& certain, const AddressSet& possible) {
  return {.interface = interface, .family = IpFamily::V4, .certain = certain, .possible = possible};
}

Listener listener(const char* address, std::uint16_t port) {
  SocketRecord record;
  record.state = SocketState::Listen;
  record.local = {.address = ip(address), .port = port};
  Listener made;
  made.key = key_of(record);
  made.members = {record};
  return made;
}

TEST(ReachReport, a_socket_says_from_where_and_by_which_rule) {
  const AddressSet ten = AddressSet::prefix(ip("10.0.0.0"), 8);
  const Reach reach{.word = ReachWord::Limited,
                    .ways = {way("eth0", ten, ten)},
                    .decided_by = {"inet t, chain input, handle 7"}};
  EXPECT_EQ(with_reach(R"({"port":80})", reach),
            R"({"port":80,"reach":"limited","reach_from":[{"interface":"eth0","family":"ipv4",)"
            R"("sources":["10.0.0.0/8"]}],"reach_decided_by":["inet t, chain input, handle 7"]})");
  EXPECT_EQ(ways_text(reach), "10.0.0.0/8 by eth0");
}

TEST(ReachReport, whom_it_may_let_in_too_is_told_apart) {
  const Reach reach{.word = ReachWord::Unknown,
                    .ways = {way("eth0", {}, AddressSet::of(ip("10.0.0.1")))},
                    .unknown = {"xt match time"}};
  EXPECT_EQ(with_reach("{}", reach),
            R"({"reach":"unknown","reach_from":[{"interface":"eth0","family":"ipv4","sources":[],)"
            R"("possible":["10.0.0.1"]}],"reach_unknown":["xt match time"]})");
  EXPECT_EQ(ways_text(reach), "perhaps 10.0.0.1 by eth0");
}

TEST(ReachReport, names_of_others_steer_no_terminal) {
  const Reach reach{
      .word = ReachWord::Limited,
      .ways = {way("e\x1b[2J", AddressSet::of(ip("10.0.0.1")), AddressSet::of(ip("10.0.0.1")))}};
  EXPECT_EQ(ways_text(reach).find('\x1b'), std::string::npos);
  EXPECT_EQ(with_reach("{}", reach).find('\x1b'), std::string::npos);
}

TEST(ReachReport, a_published_port_is_a_row_of_its_own) {
  firewall::PublishedPort port{.transport = IPPROTO_TCP,
                               .address = ip("0.0.0.0"),
                               .first_port = 8080,
                               .last_port = 8080,
                               .to_address = ip("172.17.0.2"),
                               .to_port = 80};
  port.reach.word = ReachWord::Open;
  port.reach.published_to = {"172.17.0.2:80"};
  EXPECT_EQ(published_to_text(port), "172.17.0.2:80");
  EXPECT_EQ(published_json(port, "host"),
            R"({"protocol":"tcp","address":"0.0.0.0","port":8080,"published":true,"namespace":"host",)"
            R"("reach":"open","reach_from":[],"published_to":["172.17.0.2:80"]})");
  EXPECT_TRUE(is_same_endpoint(port, listener("0.0.0.0", 8080)));
  EXPECT_FALSE(is_same_endpoint(port, listener("0.0.0.0", 8081)));
  EXPECT_FALSE(is_same_endpoint(port, listener("127.0.0.1", 8080)));
  port.last_port = 8090;
  EXPECT_EQ(published_port(port), "8080-8090");
}

TEST(ReachReport, nothing_is_asked_about_what_no_packet_reaches) {
  Listener unix_socket = listener("0.0.0.0", 1);
  unix_socket.key.protocol = Protocol::Unix;
  EXPECT_FALSE(reach_target(unix_socket).has_value());
  const auto target = reach_target(listener("::", 80));
  ASSERT_TRUE(target.has_value());
  EXPECT_TRUE(target->covers_ipv4);
}

}  // namespace
}  // namespace sockwatch
