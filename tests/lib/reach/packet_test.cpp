// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/packet.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/lib/reach/rules.h"

namespace sockwatch::firewall {
namespace {

class FirstPacket : public testing::Test {
 protected:
  FirstPacket() {
    packet_.sources = AddressSet::all(IpFamily::V4);
    packet_.destination = flow_.destination;
    packet_.port = flow_.port;
  }

  std::optional<Constant> header(Header header, std::uint32_t offset, std::uint8_t length) {
    EXPECT_TRUE(load(LoadHeader{header, offset, length, 0}, flow_, packet_, registers_));
    return exact_value(registers_, 0, length);
  }
  std::optional<Constant> meta(MetaField field, std::size_t length, Hook hook = Hook::Input) {
    const Place place{hook, TableFamily::Inet, true};
    if (!load(LoadMeta{field, 0}, flow_, packet_, place, registers_)) return std::nullopt;
    return exact_value(registers_, 0, length);
  }
  std::optional<Constant> flow(FlowField field, std::size_t length, bool tracked = true) {
    const Place place{Hook::Input, TableFamily::Inet, tracked};
    if (!load(LoadFlow{.field = field, .to = 0}, flow_, packet_, place, registers_)) return std::nullopt;
    return exact_value(registers_, 0, length);
  }

  Ruleset rules_;
  Network network_ = network();
  Reasons reasons_;
  Flow flow_{.rules = rules_,
             .network = network_,
             .input = network_.interfaces[1],
             .reasons = reasons_,
             .transport = IPPROTO_TCP,
             .destination = ip("198.51.100.1"),
             .port = 443};
  Packet packet_;
  Registers registers_{};
};

TEST_F(FirstPacket, is_a_syn_to_its_port) {
  EXPECT_EQ(header(Header::Transport, 2, 2), bytes_of(443));
  EXPECT_EQ(header(Header::Network, 9, 1), Constant{IPPROTO_TCP});
  EXPECT_EQ(header(Header::Network, 16, 4), (Constant{198, 51, 100, 1}));
  (void)header(Header::Transport, 13, 1);
  EXPECT_EQ(registers_[0].changed(0x17, 0), Octet::exactly(0x02));
}

TEST_F(FirstPacket, its_source_is_a_hole) {
  EXPECT_EQ(header(Header::Network, 12, 4), std::nullopt);
  EXPECT_EQ(registers_[1], Octet::address(1));
  packet_.source_known = false;
  (void)header(Header::Network, 12, 4);
  EXPECT_EQ(registers_[1].of, Octet::Of::Nothing);
}

TEST_F(FirstPacket, what_the_sender_likes_is_not_known) {
  EXPECT_EQ(header(Header::Network, 8, 1), std::nullopt);
  EXPECT_EQ(reasons_.texts(reasons_of(octets_at(registers_, 0, 1))), std::vector<std::string>{"TTL"});
  EXPECT_EQ(header(Header::Link, 6, 6), std::nullopt);
}

TEST_F(FirstPacket, names_are_padded_and_numbers_are_the_machines) {
  Constant name(16, 0);
  std::copy_n("eth0", 4, name.begin());
  EXPECT_EQ(meta(MetaField::InputName, 16), name);
  EXPECT_EQ(meta(MetaField::InputIndex, 4), (Constant{2, 0, 0, 0}));
  EXPECT_EQ(meta(MetaField::EtherType, 2), (Constant{8, 0}));
  EXPECT_EQ(meta(MetaField::Mark, 4), Constant(4, 0));
}

TEST_F(FirstPacket, goes_out_nowhere_until_it_is_forwarded) {
  EXPECT_EQ(meta(MetaField::OutputIndex, 4), Constant(4, 0));
  EXPECT_EQ(meta(MetaField::OutputType, 2), std::nullopt);
  packet_.output = &network_.interfaces[2];
  EXPECT_EQ(meta(MetaField::OutputIndex, 4, Hook::Forward), (Constant{3, 0, 0, 0}));
  packet_.output_known = false;
  EXPECT_EQ(meta(MetaField::OutputIndex, 4, Hook::Forward), std::nullopt);
}

TEST_F(FirstPacket, is_new_behind_tracking_and_invalid_before) {
  EXPECT_EQ(flow(FlowField::State, 4), (Constant{8, 0, 0, 0}));
  EXPECT_EQ(flow(FlowField::State, 4, false), (Constant{1, 0, 0, 0}));
  EXPECT_EQ(flow(FlowField::Direction, 1, false), std::nullopt);
  packet_.untracked = true;
  EXPECT_EQ(flow(FlowField::State, 4), (Constant{64, 0, 0, 0}));
}

TEST_F(FirstPacket, remembers_where_it_was_sent_when_it_goes_elsewhere) {
  packet_.destination = ip("172.17.0.2");
  packet_.port = 80;
  EXPECT_EQ(flow(FlowField::Destination, 4), (Constant{198, 51, 100, 1}));
  EXPECT_EQ(flow(FlowField::DestinationPort, 2), bytes_of(443));
  EXPECT_EQ(header(Header::Network, 16, 4), (Constant{172, 17, 0, 2}));
  (void)flow(FlowField::Status, 4);
  EXPECT_EQ(registers_[0].changed(0x20, 0), Octet::exactly(0x20));  // IPS_DST_NAT
}

}  // namespace
}  // namespace sockwatch::firewall
