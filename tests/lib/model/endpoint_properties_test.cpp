// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/fakes/said.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(EndpointProperties, an_interface_is_part_of_the_address) {
  SocketRecord record = listening(Protocol::Tcp, "fe80::1", 80, 1);
  record.local.interface_index = 2;
  EXPECT_EQ(said(listener(record), "address"), "fe80::1%2");
}

TEST(EndpointProperties, a_socket_without_internet_address_claims_none) {
  const Listener at_path = listener(unix_listening("/run/a.sock", 1));
  for (const char* name : {"address", "port", "scope", "category"})
    EXPECT_EQ(said(at_path, name), "-") << name;
  EXPECT_EQ(said(at_path, "path"), "/run/a.sock");
  EXPECT_EQ(said(at_path, "type"), "stream");
}

TEST(EndpointProperties, a_packet_socket_has_an_interface_and_an_ethertype) {
  const Listener sniffer = listener(packet_socket("eth0", 0x0800, 1, true));
  EXPECT_EQ(said(sniffer, "interface"), "eth0");
  EXPECT_EQ(said(sniffer, "ethertype"), "0x0800");
  EXPECT_EQ(said(sniffer, "promiscuous"), "true");
  EXPECT_EQ(said(listener(packet_socket("eth0", 0x0800, 1)), "promiscuous"), "false");
}

TEST(EndpointProperties, raw_and_vsock_sockets_have_numbers_of_their_own) {
  const Listener raw = listener(listening(Protocol::Raw, "0.0.0.0", 1, 1));
  EXPECT_EQ(said(raw, "ip_protocol"), "1");
  EXPECT_EQ(said(raw, "port"), "-");
  const Listener vsock = listener(listening(Protocol::Vsock, "0.0.0.0", 22, 1));
  EXPECT_EQ(said(vsock, "cid"), "any");
  EXPECT_EQ(said(vsock, "port"), "22");
}

TEST(EndpointProperties, what_the_kernel_calls_tcp_is_shown_as_mptcp_where_it_speaks_that) {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  record.mptcp = true;
  EXPECT_EQ(said(listener(record), "protocol"), "mptcp");
}

TEST(EndpointProperties, what_a_port_is_for_is_said_where_it_is_known) {
  Listener web = listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1));
  EXPECT_EQ(said(web, "service"), "-");
  web.annotation.service.emplace().name = "http";
  EXPECT_EQ(said(web, "service"), "http");
  EXPECT_EQ(said(web, "category"), "well-known");
  EXPECT_EQ(said(web, "bind"), "explicit");
  web.members.front().bind = Bind::Unknown;
  EXPECT_EQ(said(web, "bind"), "-");
}

// Of the properties that say how far it reaches, those that are known.
std::string reach_of(const Listener& listener) {
  std::string text;
  for (const std::string name : {"interface", "v6only", "transparent"}) {
    const std::string value = said(listener, name);
    if (value != "-") text += std::string(text.empty() ? "" : " ").append(name).append("=").append(value);
  }
  return text;
}

TEST(EndpointProperties, how_far_a_socket_reaches_is_said_where_it_is_known_and_makes_a_difference) {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  EXPECT_EQ(reach_of(listener(record)), "");
  record.transparent = false;
  EXPECT_EQ(reach_of(listener(record)), "transparent=false");
  record.local.interface_index = 2;
  EXPECT_EQ(reach_of(listener(record)), "interface=2 transparent=false");
  record.device = "eth0";
  EXPECT_EQ(reach_of(listener(record)), "interface=eth0 transparent=false");
  record = listening(Protocol::Udp, "::", 53, 1);
  EXPECT_EQ(reach_of(listener(record)), "v6only=false");
  record.v6only = record.transparent.emplace(true);
  EXPECT_EQ(reach_of(listener(record)), "v6only=true transparent=true");
  EXPECT_EQ(reach_of(listener(unix_listening("/run/a.sock", 1))), "");
}

TEST(EndpointProperties, of_several_sockets_the_one_that_reaches_farthest_counts) {
  SocketRecord record = listening(Protocol::Tcp, "::", 80, 1);
  record.v6only = true;
  record.transparent = false;
  Listener group = listener(record);
  group.members.push_back(record);
  EXPECT_EQ(reach_of(group), "v6only=true transparent=false");
  group.members.back().v6only = false;
  group.members.back().transparent.reset();
  EXPECT_EQ(reach_of(group), "v6only=false");
  group.members.back().transparent = true;
  EXPECT_EQ(reach_of(group), "v6only=false transparent=true");
}

}  // namespace
}  // namespace sockwatch
