// SPDX-License-Identifier: Apache-2.0
// What it makes of the kernel's words; that the kernel says them is in destroy_source_live_test.cpp.
#include "lib/netlink/destroy_source.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <netinet/in.h>

#include <fstream>
#include <map>

#include "lib/base/text.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;

Buffer unhex(std::string_view text) {
  Buffer bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(parse_integer<std::uint8_t>(text.substr(i, 2), 16).value()));
  }
  return bytes;
}

// tests/fixtures/netlink/destroyed.txt by name: whole datagrams.
std::map<std::string, Buffer> destroyed() {
  std::ifstream file(SOCKWATCH_TESTS_DIR "/fixtures/netlink/destroyed.txt");
  std::map<std::string, Buffer> all;
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    if (line[0] != '#') all[line.substr(0, colon)] = unhex(std::string_view(line).substr(colon + 2));
  }
  return all;
}

std::optional<SocketEvent> decode(Bytes datagram) {
  MessageWalk walk(datagram);
  const auto message = walk.next();
  if (!message) return std::nullopt;
  return decode_destroyed(*message, NamespaceId{7}, FakeClock().now());
}

// "tcp 0.0.0.0:80", or nothing.
std::string told(Bytes datagram) {
  const auto event = decode(datagram);
  if (!event) return "";
  return std::string(word(event->record.protocol)) + " " + to_string(event->record.local);
}

TEST(Destroyed, what_had_a_port_and_no_peer_may_have_been_a_listener) {
  const std::map<std::string, std::string> expected = {
      {"tcp listener", "tcp 10.1.2.3:8001"},
      {"tcp listener, every address", "tcp 0.0.0.0:8002"},
      {"tcp listener, port assigned", "tcp 0.0.0.0:40729"},
      {"tcp6 listener, dual stack", "tcp [::]:8003"},
      {"tcp6 listener, v6only", "tcp [::]:8004"},
      {"tcp6 listener, mapped", "tcp 10.1.2.3:8005"},
      {"tcp bound, never listened", "tcp 127.0.0.1:8006"},
      {"tcp connection refused", ""},
      {"tcp connection refused, bound", ""},
      {"tcp without a port", ""},
      {"tcp connection, accepted", ""},
      {"tcp connection, made", ""},
      {"udp bound", "udp 127.0.0.1:9001"},
      {"udp6 bound", "udp [::1]:9002"},
      {"udp client", "udp 0.0.0.0:36520"},
      {"udp connected", ""},
      {"udp without a port", ""},
  };
  std::map<std::string, std::string> found;
  for (const auto& [name, datagram] : destroyed()) found[name] = told(datagram);
  EXPECT_EQ(found, expected);
}

// inet_diag_msg behind the netlink header: the peer's port and address.
TEST(Destroyed, a_udp_socket_connected_to_an_address_without_a_port_may_have_been_a_listener) {
  constexpr std::size_t kPeerPort = sizeof(nlmsghdr) + offsetof(inet_diag_msg, id.idiag_dport);
  auto datagrams = destroyed();
  Buffer& connected = datagrams.at("udp connected");
  EXPECT_EQ(told(connected), "");
  connected.at(kPeerPort) = connected.at(kPeerPort + 1) = std::byte{0};
  EXPECT_NE(told(connected), "");
  Buffer& refused = datagrams.at("tcp connection refused, bound");
  EXPECT_EQ(told(refused), "") << "an address is left of a TCP connection that was never made";
}

TEST(Destroyed, it_is_an_end_without_owner) {
  const auto event = decode(destroyed().at("tcp listener"));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, SocketEvent::Kind::Closed);
  EXPECT_EQ(event->source, EventSource::Destroy);
  EXPECT_EQ(event->time, FakeClock().now());
  EXPECT_EQ(event->record.id.name_space, NamespaceId{7});
  EXPECT_NE(event->record.id.cookie, 0U);
  EXPECT_EQ(event->record.inode, 0U);
  EXPECT_EQ(event->record.bind, Bind::Unknown);
  EXPECT_EQ(event->caller, std::nullopt);
}

TEST(Destroyed, sockets_have_cookies_of_their_own) {
  std::map<std::uint64_t, std::string> by_cookie;
  for (const auto& [name, datagram] : destroyed()) {
    if (const auto event = decode(datagram)) by_cookie[event->record.id.cookie] = name;
  }
  EXPECT_EQ(by_cookie.size(), 10U);
}

TEST(Destroyed, a_datagram_cut_short_says_nothing) {
  for (const auto& [name, datagram] : destroyed()) {
    for (std::size_t size = 0; size < datagram.size(); ++size) {
      EXPECT_EQ(told(Bytes(datagram).first(size)), "") << name << " " << size;
    }
  }
}

// Cut so that the netlink header agrees: no part that is missing is made up, and what is there stays itself.
TEST(Destroyed, a_message_cut_short_says_nothing_or_the_same) {
  constexpr std::size_t kFixed = sizeof(nlmsghdr) + sizeof(inet_diag_msg);
  for (const auto& [name, datagram] : destroyed()) {
    const std::string whole = told(datagram);
    for (std::size_t size = sizeof(nlmsghdr); size < datagram.size(); ++size) {
      Buffer cut(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(size));
      const auto length = wire::of(static_cast<std::uint32_t>(size));
      std::copy(length.begin(), length.end(), cut.begin());
      const std::string said = told(cut);
      EXPECT_TRUE(said.empty() || (said == whole && size > kFixed)) << name << " " << size << ": " << said;
    }
  }
}

TEST(Destroyed, a_flipped_bit_breaks_nothing) {
  for (const auto& [name, datagram] : destroyed()) {
    for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
      Buffer flipped = datagram;
      flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      (void)decode(flipped);
    }
  }
}

// The fixed part of a listener on 0.0.0.0:80, and attributes.
std::string told(std::uint16_t type, std::uint8_t family, std::uint8_t state, const Buffer& attributes) {
  inet_diag_msg fixed{};
  fixed.idiag_family = family;
  fixed.idiag_state = state;
  fixed.id.idiag_sport = 0x5000;  // 80 in network order
  const Buffer datagram = wire::message(type, wire::of(fixed) + attributes);
  return told(Bytes(datagram));
}

TEST(Destroyed, what_the_kernel_would_not_say_says_nothing) {
  const auto protocol = [](std::uint8_t number) {
    return wire::attribute(INET_DIAG_PROTOCOL, wire::of(number));
  };
  EXPECT_EQ(told(SOCK_DIAG_BY_FAMILY, AF_INET, 7, protocol(IPPROTO_TCP)), "tcp 0.0.0.0:80");
  EXPECT_EQ(told(NLMSG_ERROR, AF_INET, 7, protocol(IPPROTO_TCP)), "");
  EXPECT_EQ(told(SOCK_DIAG_BY_FAMILY, AF_UNIX, 7, protocol(IPPROTO_TCP)), "");
  EXPECT_EQ(told(SOCK_DIAG_BY_FAMILY, AF_INET, 200, protocol(IPPROTO_TCP)), "");
  EXPECT_EQ(told(SOCK_DIAG_BY_FAMILY, AF_INET, 7, protocol(IPPROTO_SCTP)), "");
  EXPECT_EQ(told(SOCK_DIAG_BY_FAMILY, AF_INET, 7, {}), "");
  EXPECT_EQ(told(SOCK_DIAG_BY_FAMILY, AF_INET, 7, wire::attribute(INET_DIAG_PROTOCOL, {})), "");
  EXPECT_EQ(told(SOCK_DIAG_BY_FAMILY, AF_INET, 7, wire::attribute(INET_DIAG_TOS, wire::of('\x06'))), "");
}

}  // namespace
}  // namespace sockwatch
