// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/packet_sockets.h"

#include <gtest/gtest.h>

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/packet_diag.h>
#include <sys/socket.h>

#include "lib/model/place.h"
#include "tests/lib/netlink/family_fixture.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;

std::string described(const SocketRecord& record) {
  return place_text(record.protocol, record.local) + " " + std::string(word(record.type)) +
         (record.promiscuous ? " promiscuous" : "") + (is_listener(record) ? "" : " deaf");
}

TEST(FamilyFixture, packet_sockets_are_told_with_interface_ethertype_and_promiscuity) {
  std::vector<std::string> told;
  for (const auto& record : of_protocol(fixture_records(LookKind::Listeners), Protocol::Packet)) {
    EXPECT_TRUE(record.uid_told);
    EXPECT_NE(record.inode, 0U);
    told.push_back(described(record));
  }
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (std::vector<std::string>{"1 (0x0800) dgram", "1 (any) raw promiscuous",
                                            "any (0x0000) raw deaf", "any (any) raw"}));
}

Buffer socket_of(const Buffer& attributes) {
  packet_diag_msg fixed{};
  fixed.pdiag_family = AF_PACKET;
  fixed.pdiag_type = SOCK_RAW;
  fixed.pdiag_num = 3;
  return wire::of(fixed) + attributes;
}

bool is_promiscuous(std::uint16_t type, std::uint32_t count, std::size_t cut = 0) {
  packet_diag_mclist entry{};
  entry.pdmc_type = type;
  entry.pdmc_count = count;
  Buffer list = wire::of(packet_diag_mclist{}) + wire::of(entry);
  list.resize(list.size() - cut);
  SocketRecord record;
  EXPECT_TRUE(packet_sockets::decode({}, socket_of(wire::attribute(PACKET_DIAG_MCLIST, list)), record));
  return record.promiscuous;
}

TEST(PacketSockets, only_a_promiscuous_membership_makes_a_sniffer) {
  EXPECT_TRUE(is_promiscuous(PACKET_MR_PROMISC, 1));
  EXPECT_FALSE(is_promiscuous(PACKET_MR_PROMISC, 0));
  EXPECT_FALSE(is_promiscuous(PACKET_MR_MULTICAST, 1));
  EXPECT_FALSE(is_promiscuous(PACKET_MR_ALLMULTI, 1));
  EXPECT_FALSE(is_promiscuous(PACKET_MR_PROMISC, 1, 1));  // an entry that is cut short
}

class OneInterface final : public Channel {
 public:
  Result<void> send(Bytes) override { return {}; }
  Result<Bytes> receive() override { return Error{"nothing"}; }
  NamespaceId name_space() const override { return {}; }
  InterfaceFacts interface(std::uint32_t index) const override {
    return index == 2 ? InterfaceFacts{"eth0", true} : InterfaceFacts{};
  }
};

using Interfaces = std::array<std::uint32_t, 2>;

Interfaces promiscuous_on(const std::vector<std::uint32_t>& interfaces) {
  Buffer list;
  for (const std::uint32_t interface : interfaces) {
    packet_diag_mclist entry{};
    entry.pdmc_index = interface;
    entry.pdmc_type = PACKET_MR_PROMISC;
    entry.pdmc_count = 1;
    list = list + wire::of(entry);
  }
  SocketRecord record;
  EXPECT_TRUE(packet_sockets::decode({}, socket_of(wire::attribute(PACKET_DIAG_MCLIST, list)), record));
  return record.promiscuous_on;
}

TEST(PacketSockets, the_interfaces_of_its_memberships_are_told_and_many_are_all) {
  EXPECT_EQ(promiscuous_on({}), (Interfaces{0, 0}));
  EXPECT_EQ(promiscuous_on({2}), (Interfaces{2, 0}));
  EXPECT_EQ(promiscuous_on({2, 5}), (Interfaces{2, 5}));
  EXPECT_EQ(promiscuous_on({2, 5, 7}), (Interfaces{kEveryInterface, 5}));
}

TEST(PacketSockets, the_length_of_its_filter_is_told) {
  const Buffer filter(3 * sizeof(sock_filter));
  SocketRecord record;
  EXPECT_TRUE(packet_sockets::decode({}, socket_of(wire::attribute(PACKET_DIAG_FILTER, filter)), record));
  EXPECT_EQ(record.filter_instructions, 3);
}

// Recordings of before the filter was asked for answer the other question.
TEST(PacketSockets, the_filter_is_asked_for_where_the_kernel_tells_it) {
  const auto shown = [](const Abilities& abilities) {
    const auto requests = packet_sockets::requests(LookKind::Listeners, abilities);
    return read_struct<packet_diag_req>(requests.at(0).body)->pdiag_show;
  };
  EXPECT_NE(shown({}) & PACKET_SHOW_FILTER, 0U);
  EXPECT_EQ(shown({.socket_filters = false}), shown({}) & ~std::uint32_t{PACKET_SHOW_FILTER});
}

TEST(PacketSockets, an_interface_that_was_removed_has_no_name_of_its_own) {
  SocketRecord record;
  record.local.interface_index = static_cast<std::uint32_t>(-1);
  EXPECT_EQ(interface_text(record.local), kRemovedInterface) << "where no channel knows names";
  packet_sockets::complete(OneInterface(), record);
  EXPECT_EQ(record.local.name, kRemovedInterface);
}

TEST(PacketSockets, a_promiscuous_interface_makes_one_of_every_socket_on_it) {
  SocketRecord record;
  record.local.interface_index = 2;
  packet_sockets::complete(OneInterface(), record);
  EXPECT_EQ(record.local.name, "eth0");
  EXPECT_TRUE(record.promiscuous);

  SocketRecord other;
  other.local.interface_index = 3;
  packet_sockets::complete(OneInterface(), other);
  EXPECT_FALSE(other.promiscuous);
}

TEST(PacketSockets, what_is_cut_short_or_of_another_family_is_refused) {
  const Buffer whole = socket_of(wire::attribute(PACKET_DIAG_UID, wire::of(std::uint32_t{1000})));
  SocketRecord record;
  EXPECT_TRUE(packet_sockets::decode({}, whole, record));
  EXPECT_EQ(record.uid, 1000U);
  for (std::size_t length = 0; length < sizeof(packet_diag_msg); ++length)
    EXPECT_FALSE(packet_sockets::decode({}, Bytes(whole).first(length), record)) << length;
  EXPECT_FALSE(packet_sockets::decode({}, Bytes(whole).first(whole.size() - 1), record));
  Buffer other = whole;
  other[0] = std::byte{AF_INET};
  EXPECT_FALSE(packet_sockets::decode({}, other, record));
}

}  // namespace
}  // namespace sockwatch
