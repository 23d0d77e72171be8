// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/vsock.h"

#include <gtest/gtest.h>

#include <linux/vm_sockets_diag.h>
#include <sys/socket.h>

#include "lib/model/place.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

// No kernel at hand has vsock_diag (CONFIG_VSOCKETS_DIAG): the bytes follow
// include/uapi/linux/vm_sockets_diag.h and sk_diag_fill() of net/vmw_vsock/diag.c, field by field.
vsock_diag_msg message() {
  vsock_diag_msg fixed{};
  fixed.vdiag_family = AF_VSOCK;
  fixed.vdiag_type = SOCK_STREAM;
  fixed.vdiag_state = static_cast<std::uint8_t>(SocketState::Listen);
  fixed.vdiag_src_cid = 0xFFFFFFFF;  // VMADDR_CID_ANY
  fixed.vdiag_src_port = 100000;
  fixed.vdiag_dst_cid = 0xFFFFFFFF;
  fixed.vdiag_dst_port = 0xFFFFFFFF;
  fixed.vdiag_ino = 4711;
  fixed.vdiag_cookie[0] = 7;
  fixed.vdiag_cookie[1] = 1;
  return fixed;
}

const DumpRequest kRequest{Protocol::Vsock, Bind::Unknown, {}, {}};

TEST(Vsock, a_listener_is_told_with_cid_and_a_port_of_32_bits) {
  SocketRecord record;
  ASSERT_TRUE(vsock::decode(kRequest, wire::of(message()), record));
  EXPECT_EQ(place_text(record.protocol, record.local), "any:100000");
  EXPECT_TRUE(record.local.address.is_unspecified());
  EXPECT_TRUE(is_listener(record));
  EXPECT_EQ(record.inode, 4711U);
  EXPECT_EQ(record.id.cookie, 0x100000007U);
  EXPECT_EQ(record.remote.port, 0U);
  EXPECT_FALSE(record.uid_told);
}

TEST(Vsock, a_connection_has_two_ends) {
  vsock_diag_msg fixed = message();
  fixed.vdiag_state = static_cast<std::uint8_t>(SocketState::Established);
  fixed.vdiag_src_cid = 3;
  fixed.vdiag_dst_cid = 2;
  fixed.vdiag_dst_port = 1024;
  SocketRecord record;
  ASSERT_TRUE(vsock::decode(kRequest, wire::of(fixed), record));
  EXPECT_EQ(place_text(record.protocol, record.local), "3:100000");
  EXPECT_EQ(place_text(record.protocol, record.remote), "2:1024");
  EXPECT_FALSE(is_listener(record));
}

TEST(Vsock, what_is_cut_short_or_makes_no_sense_is_refused) {
  const auto whole = wire::of(message());
  SocketRecord record;
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(vsock::decode(kRequest, Bytes(whole).first(length), record)) << length;
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{2}}) {  // family, state
    auto bytes = whole;
    bytes[wrong] = std::byte{0xEE};
    EXPECT_FALSE(vsock::decode(kRequest, bytes, record)) << wrong;
  }
}

}  // namespace
}  // namespace sockwatch
