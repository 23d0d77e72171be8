// SPDX-License-Identifier: Apache-2.0
#include "lib/model/place.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

Endpoint named(std::string name) {
  Endpoint endpoint;
  endpoint.name = std::move(name);
  return endpoint;
}

TEST(Place, is_told_in_the_words_of_its_family) {
  using namespace std::string_literals;
  const Endpoint tcp{ip("fe80::1"), 80, 2};
  const Endpoint raw{ip("0.0.0.0"), 89, 0};
  const Endpoint packet{{}, 0x0806, 2, "eth0"};
  const Endpoint any_packet{{}, 3, 0};
  const Endpoint vsock{IpAddress{IpFamily::V4, {0, 0, 1, 2}}, 70000, 0};
  const struct {
    Protocol protocol;
    Endpoint endpoint;
    std::string address, port, place;
  } cases[] = {
      {Protocol::Tcp, tcp, "fe80::1%2", "80", "[fe80::1%2]:80"},
      {Protocol::Raw, raw, "0.0.0.0", "89", "0.0.0.0 (ip protocol 89)"},
      {Protocol::Packet, packet, "eth0", "0x0806", "eth0 (0x0806)"},
      {Protocol::Packet, Endpoint{{}, 3, 7}, "7", "any", "7 (any)"},
      {Protocol::Packet, any_packet, "any", "any", "any (any)"},
      {Protocol::Vsock, vsock, "258", "70000", "258:70000"},
      {Protocol::Vsock, Endpoint{{}, 22, 0}, "any", "22", "any:22"},
      {Protocol::Unix, named("/run/a.sock"), "/run/a.sock", "", "/run/a.sock"},
      {Protocol::Unix, named("\0abstract"s), "@abstract", "", "@abstract"},
      {Protocol::Unix, named("@file"), "./@file", "", "./@file"},
      {Protocol::Unix, named(""), "", "", ""},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(address_text(each.protocol, each.endpoint), each.address);
    EXPECT_EQ(port_text(each.protocol, each.endpoint), each.port);
    EXPECT_EQ(place_text(each.protocol, each.endpoint), each.place);
  }
}

}  // namespace
}  // namespace sockwatch
