// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/message.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <climits>

#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;

struct Walked {
  std::vector<std::string> payloads;
  bool malformed;
};

// From memory of exactly this size, so that a sanitizer sees a step outside.
template <typename Walk>
Walked walk(Bytes bytes) {
  const Buffer exact(bytes.begin(), bytes.end());
  Walk walk{Bytes(exact)};
  Walked walked{};
  while (const auto item = walk.next()) walked.payloads.push_back(wire::hex(item->payload));
  walked.malformed = walk.malformed();
  EXPECT_FALSE(walk.next()) << "nothing follows the end";
  return walked;
}

// Offsets at which a message of the datagram ends.
std::vector<std::size_t> ends(Bytes datagram) {
  std::vector<std::size_t> all = {0};
  while (all.back() < datagram.size()) {
    all.push_back(all.back() + *read_struct<std::uint32_t>(datagram.subspan(all.back())));
  }
  return all;
}

void set_length(Buffer& datagram, std::uint32_t length) {
  std::memcpy(datagram.data(), &length, sizeof(length));
}

TEST(FixtureMessages, every_captured_datagram_is_walked_to_its_end) {
  for (const char* name : {"listeners.swcap", "connections.swcap", "mixed.swcap", "refusals.swcap"}) {
    for (const auto& datagram : datagrams_of(name)) {
      const Walked whole = walk<MessageWalk>(datagram);
      EXPECT_FALSE(whole.malformed);
      EXPECT_EQ(whole.payloads.size(), ends(datagram).size() - 1);
    }
  }
}

TEST(FixtureMessages, a_datagram_cut_anywhere_gives_its_whole_messages_and_reports_the_cut) {
  for (const auto& datagram : datagrams_of("listeners.swcap")) {
    const Walked whole = walk<MessageWalk>(datagram);
    const std::vector<std::size_t> boundaries = ends(datagram);
    for (std::size_t cut = 0; cut < datagram.size(); ++cut) {
      const Walked walked = walk<MessageWalk>(Bytes(datagram).first(cut));
      const auto behind = std::upper_bound(boundaries.begin(), boundaries.end(), cut);
      const auto complete = behind - boundaries.begin() - 1;
      EXPECT_EQ(walked.malformed, *(behind - 1) != cut) << cut;
      EXPECT_EQ(walked.payloads, std::vector(whole.payloads.begin(), whole.payloads.begin() + complete))
          << cut;
    }
  }
}

TEST(MessageWalk, a_length_that_cannot_be_ends_the_walk) {
  const Buffer datagram = datagrams_of("listeners.swcap").front();
  const auto size = static_cast<std::uint32_t>(datagram.size());
  for (const std::uint32_t length :
       {0U, 1U, 15U, size + 1, 0x7FFFFFFFU, 0x80000000U, UINT_MAX - 3, UINT_MAX}) {
    Buffer lying = datagram;
    set_length(lying, length);
    const Walked walked = walk<MessageWalk>(lying);
    EXPECT_TRUE(walked.malformed) << length;
    EXPECT_TRUE(walked.payloads.empty()) << length;
  }
}

TEST(MessageWalk, a_message_may_be_empty_and_the_last_one_unpadded) {
  const Buffer empty = wire::message(NLMSG_NOOP, {});
  Buffer odd = wire::message(NLMSG_NOOP, Buffer(1, std::byte{7}));
  EXPECT_EQ(odd.size(), 20U);
  EXPECT_EQ(walk<MessageWalk>(empty + odd + empty).payloads, (std::vector<std::string>{"", "07", ""}));
  for (const std::size_t size : {17U, 18U, 19U, 20U}) {
    odd.resize(size);
    const Walked walked = walk<MessageWalk>(odd);
    EXPECT_FALSE(walked.malformed) << size;
    EXPECT_EQ(walked.payloads, std::vector<std::string>{"07"}) << size;
  }
}

TEST(MessageWalk, nothing_in_nothing_is_not_malformed) {
  EXPECT_FALSE(walk<MessageWalk>({}).malformed);
}

TEST(MessageWalk, hands_out_what_the_header_says) {
  const Buffer datagram =
      wire::message(77, wire::of(std::uint32_t{5}), 123456, NLM_F_DUMP_INTR | NLM_F_MULTI);
  MessageWalk walk{Bytes(datagram)};
  const auto message = walk.next();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, 77);
  EXPECT_EQ(message->sequence, 123456U);
  EXPECT_TRUE(message->was_interrupted());
  EXPECT_FALSE(message->is_error());
  EXPECT_FALSE(message->ends_dump());
}

Message of_type(std::uint16_t type, const Buffer& payload) {
  return {type, 0, 0, payload};
}

TEST(MessageError, negative_numbers_are_refusals_and_zero_is_none) {
  const struct {
    std::uint16_t type;
    std::int32_t code;
    int error;
  } cases[] = {
      {NLMSG_ERROR, 0, 0},  // an acknowledgement
      {NLMSG_ERROR, -ENOENT, ENOENT},
      {NLMSG_ERROR, -EINVAL, EINVAL},
      {NLMSG_ERROR, ENOENT, EPROTO},  // the kernel never sends it positive
      {NLMSG_ERROR, INT_MAX, EPROTO},
      {NLMSG_ERROR, INT_MIN, EPROTO},  // cannot be negated
      {NLMSG_ERROR, INT_MIN + 1, INT_MAX},
      {NLMSG_DONE, 0, 0},
      {NLMSG_DONE, -ENOENT, ENOENT},
      {NLMSG_DONE, 20, 0},  // a length, in some families
      {NLMSG_DONE, INT_MIN, EPROTO},
  };
  for (const auto& [type, code, error] : cases) {
    const Buffer payload = wire::of(code);
    EXPECT_EQ(of_type(type, payload).error(), error) << type << " " << code;
  }
}

TEST(MessageError, a_number_cut_short_is_a_protocol_error) {
  for (std::size_t size = 0; size < 4; ++size) {
    const Buffer cut(size);
    EXPECT_EQ(of_type(NLMSG_ERROR, cut).error(), EPROTO) << size;
    // A DONE without any number is the old form of a good end.
    EXPECT_EQ(of_type(NLMSG_DONE, cut).error(), size == 0 ? 0 : EPROTO) << size;
  }
}

TEST(FixtureMessages, the_kernels_refusals_are_understood) {
  std::vector<std::pair<bool, int>> ends;
  for (const auto& datagram : datagrams_of("refusals.swcap")) {
    MessageWalk walk{Bytes(datagram)};
    const auto message = walk.next();
    ASSERT_TRUE(message && (message->ends_dump() || message->is_error()));
    ends.emplace_back(message->ends_dump(), message->error());
  }
  // Protocol, family, family number, filter, short request; and a dump of nothing.
  const std::vector<std::pair<bool, int>> expected = {{true, ENOENT},  {false, ENOENT}, {false, EINVAL},
                                                      {false, EINVAL}, {false, EINVAL}, {true, 0}};
  EXPECT_EQ(ends, expected);
}

// A captured record's attributes, which follow its fixed part.
Buffer captured_attributes() {
  const Buffer datagram = datagrams_of("listeners.swcap").front();
  MessageWalk walk{Bytes(datagram)};
  const Bytes payload = walk.next()->payload.subspan(sizeof(inet_diag_msg));
  return {payload.begin(), payload.end()};
}

TEST(FixtureMessages, attributes_cut_anywhere_give_the_whole_ones_and_report_the_cut) {
  const Buffer attributes = captured_attributes();
  const Walked whole = walk<AttributeWalk>(attributes);
  EXPECT_FALSE(whole.malformed);
  EXPECT_GE(whole.payloads.size(), 3U);
  std::size_t good = 0;
  for (std::size_t cut = 0; cut < attributes.size(); ++cut) {
    const Walked walked = walk<AttributeWalk>(Bytes(attributes).first(cut));
    if (!walked.malformed) ++good;
    ASSERT_LE(walked.payloads.size(), whole.payloads.size());
    EXPECT_TRUE(std::equal(walked.payloads.begin(), walked.payloads.end(), whole.payloads.begin())) << cut;
  }
  // Only a cut between two is no damage, or one within the padding behind a value.
  std::size_t expected = 0;
  for (const std::string& payload : whole.payloads) expected += 1 + (4 - payload.size() / 2 % 4) % 4;
  EXPECT_EQ(good, expected);
}

TEST(AttributeWalk, a_length_that_cannot_be_ends_the_walk) {
  const Buffer good = wire::attribute(1, Buffer(4));
  for (const std::uint16_t length : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{3}, std::uint16_t{9},
                                     std::uint16_t{0x8000}, std::uint16_t{0xFFFF}}) {
    const Walked walked = walk<AttributeWalk>(good + wire::of(nlattr{length, 2}) + Buffer(4));
    EXPECT_TRUE(walked.malformed) << length;
    EXPECT_EQ(walked.payloads.size(), 1U) << length;
  }
}

TEST(AttributeWalk, an_attribute_may_be_empty) {
  const Walked walked = walk<AttributeWalk>(wire::attribute(1, {}) + wire::attribute(2, {}));
  EXPECT_FALSE(walked.malformed);
  EXPECT_EQ(walked.payloads.size(), 2U);
}

TEST(AttributeWalk, a_types_flags_are_not_its_number) {
  const Buffer nested = wire::attribute(NLA_F_NESTED | NLA_F_NET_BYTEORDER | 7, {});
  AttributeWalk walk{Bytes(nested)};
  EXPECT_EQ(walk.next()->type, 7);
}

TEST(ReadStruct, too_few_bytes_are_nothing) {
  const Buffer bytes(3);
  EXPECT_EQ(read_struct<std::uint32_t>(bytes), std::nullopt);
  EXPECT_EQ(read_struct<std::uint16_t>(bytes), 0);
}

}  // namespace
}  // namespace sockwatch
