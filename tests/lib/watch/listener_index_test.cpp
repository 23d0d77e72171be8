// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/listener_index.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

SocketRecord connection(std::string_view local, std::uint16_t port, Protocol protocol = Protocol::Tcp) {
  SocketRecord record = listening(protocol, local, port, 1000);
  record.state = SocketState::Established;
  record.remote = {ip("203.0.113.9"), 40000, 0};
  return record;
}

ListenerIndex index_of(const std::vector<Listener>& listeners) {
  ListenerIndex index;
  index.build(places_of(listeners));
  return index;
}

TEST(ListenerIndex, the_listener_on_the_address_itself_comes_before_the_wildcard) {
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1)),
                                        listener(listening(Protocol::Tcp, "10.0.0.1", 80, 2))};
  const ListenerIndex index = index_of(listeners);
  EXPECT_EQ(index.find(connection("10.0.0.1", 80)), 1U);
  EXPECT_EQ(index.find(connection("10.0.0.2", 80)), 0U);
}

TEST(ListenerIndex, a_dual_stack_wildcard_takes_ipv4_and_a_v6only_one_does_not) {
  SocketRecord dual = listening(Protocol::Tcp, "::", 80, 1);
  SocketRecord v6only = listening(Protocol::Tcp, "::", 81, 2);
  v6only.v6only = true;
  const std::vector<Listener> listeners{listener(dual), listener(v6only)};
  const ListenerIndex index = index_of(listeners);
  EXPECT_EQ(index.find(connection("10.0.0.1", 80)), 0U);
  EXPECT_EQ(index.find(connection("2001:db8::1", 80)), 0U);
  EXPECT_EQ(index.find(connection("10.0.0.1", 81)), std::nullopt);
  EXPECT_EQ(index.find(connection("2001:db8::1", 81)), 1U);
}

TEST(ListenerIndex, of_two_wildcards_that_take_ipv4_its_own_comes_first) {
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1)),
                                        listener(listening(Protocol::Tcp, "::", 80, 2))};
  const ListenerIndex index = index_of(listeners);
  EXPECT_EQ(index.find(connection("10.0.0.1", 80)), 0U);
  EXPECT_EQ(index.find(connection("2001:db8::1", 80)), 1U);
}

TEST(ListenerIndex, an_ipv4_wildcard_never_takes_ipv6) {
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1))};
  EXPECT_EQ(index_of(listeners).find(connection("2001:db8::1", 80)), std::nullopt);
}

TEST(ListenerIndex, protocol_port_and_device_must_fit) {
  SocketRecord on_device = listening(Protocol::Tcp, "0.0.0.0", 90, 2);
  on_device.local.interface_index = 3;
  const std::vector<Listener> listeners{listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1)),
                                        listener(on_device)};
  const ListenerIndex index = index_of(listeners);
  EXPECT_EQ(index.find(connection("10.0.0.1", 80, Protocol::Udp)), std::nullopt);
  EXPECT_EQ(index.find(connection("10.0.0.1", 81)), std::nullopt);
  EXPECT_EQ(index.find(connection("10.0.0.1", 90)), std::nullopt);
  SocketRecord through_device = connection("10.0.0.1", 90);
  through_device.local.interface_index = 3;
  EXPECT_EQ(index.find(through_device), 1U);
}

TEST(ListenerIndex, building_again_forgets_the_ports_of_before) {
  ListenerIndex index = index_of({listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1))});
  index.build({{key_of(listening(Protocol::Tcp, "0.0.0.0", 90, 1)), false}});
  EXPECT_EQ(index.find(connection("10.0.0.1", 80)), std::nullopt);
  EXPECT_EQ(index.find(connection("10.0.0.1", 90)), 0U);
}

TEST(ListenerIndex, among_very_many_on_one_port_each_finds_its_own) {
  std::vector<Listener> listeners;
  for (std::uint64_t space = 1; space <= 300; ++space) {
    for (const char* address : {"0.0.0.0", "10.0.0.1", "::"}) {
      SocketRecord record = listening(Protocol::Tcp, address, 80, space);
      record.id.name_space = NamespaceId{space};
      listeners.push_back(listener(record));
    }
  }
  const ListenerIndex index = index_of(listeners);
  for (std::uint64_t space = 1; space <= 300; ++space) {
    const auto find = [&](const char* address) {
      SocketRecord from = connection(address, 80);
      from.id.name_space = NamespaceId{space};
      return index.find(from);
    };
    EXPECT_EQ(find("10.0.0.1"), 3 * (space - 1) + 1);
    EXPECT_EQ(find("10.0.0.2"), 3 * (space - 1)) << "0.0.0.0 comes before a dual-stack ::";
    EXPECT_EQ(find("2001:db8::1"), 3 * (space - 1) + 2);
  }
  EXPECT_EQ(index.find(connection("10.0.0.1", 80)), std::nullopt) << "another namespace";
}

}  // namespace
}  // namespace sockwatch
