// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/family.h"

#include <gtest/gtest.h>

#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

TEST(Encode, puts_a_dump_request_header_in_front_of_the_body) {
  DumpRequest request;
  request.body = {std::byte{0xAA}, std::byte{0xBB}, std::byte{0xCC}, std::byte{0xDD}};
  // Length 20, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, the sequence, and the kernel as receiver.
  EXPECT_EQ(wire::hex(encode(request, 0x01020304)),
            "14000000"
            "1400"
            "0103"
            "04030201"
            "00000000"
            "aabbccdd");
}

TEST(Encode, a_request_is_one_whole_message) {
  const DumpRequest request{Protocol::Tcp, Bind::Unknown, "", wire::Buffer(72)};
  const auto bytes = encode(request, 1);
  MessageWalk walk{Bytes(bytes)};
  EXPECT_EQ(walk.next()->payload.size(), 72U);
  EXPECT_FALSE(walk.next());
  EXPECT_FALSE(walk.malformed());
}

}  // namespace
}  // namespace sockwatch
