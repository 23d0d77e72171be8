// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/unix_sockets.h"

#include <gtest/gtest.h>

#include <linux/unix_diag.h>
#include <sys/socket.h>

#include "lib/base/text.h"
#include "lib/model/place.h"
#include "tests/lib/netlink/family_fixture.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;

// What the kernel names is another thing each time.
std::string described(const SocketRecord& record) {
  const std::string path = record.bind == Bind::Assigned ? "assigned" : printable(unix_path(record.local));
  return path + " " + std::string(word(record.type)) + " uid=" + std::to_string(record.uid) + " " +
         std::to_string(record.receive_queue) + "/" + std::to_string(record.send_queue);
}

TEST(FamilyFixture, unix_listeners_are_told_with_name_type_owner_and_queue) {
  std::vector<std::string> told;
  for (const auto& record : of_protocol(fixture_records(LookKind::Listeners), Protocol::Unix)) {
    EXPECT_NE(record.inode, 0U);
    if (is_listener(record)) told.push_back(described(record));
  }
  std::sort(told.begin(), told.end());
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[0], R"(@a name\x00with a NUL seqpacket uid=1000 0/1)");
  EXPECT_TRUE(told[1].starts_with("assigned dgram uid=0")) << told[1];
  EXPECT_TRUE(told[2].starts_with("log.sock dgram uid=0")) << told[2];  // somebody is connected to it
  EXPECT_EQ(told[3], "stream.sock stream uid=0 1/5");
}

Buffer socket_of(std::uint8_t type, SocketState state, const Buffer& attributes) {
  unix_diag_msg fixed{};
  fixed.udiag_family = AF_UNIX;
  fixed.udiag_type = type;
  fixed.udiag_state = static_cast<std::uint8_t>(state);
  return wire::of(fixed) + attributes;
}

Buffer name(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return wire::attribute(UNIX_DIAG_NAME, Buffer(bytes.begin(), bytes.end()));
}

TEST(UnixSockets, a_path_ends_at_its_nul_and_an_abstract_name_does_not) {
  using namespace std::string_view_literals;
  const struct {
    std::string_view sent;
    std::string_view path;
    Bind bind;
  } cases[] = {
      {"/run/a.sock\0"sv, "/run/a.sock", Bind::Explicit},
      {"/run/a.sock"sv, "/run/a.sock", Bind::Explicit},  // 108 bytes leave no room for the NUL
      {"@here\0"sv, "./@here", Bind::Explicit},          // a file, and not the abstract name
      {"\0here"sv, "@here", Bind::Explicit},
      {"\00012f"sv.substr(0, 1), "@", Bind::Explicit},
      {"\0"
       "00a1f"sv,
       "@00a1f", Bind::Assigned},
      {"\0"
       "00A1f"sv,
       "@00A1f", Bind::Explicit},
      {"\0"
       "0a1f"sv,
       "@0a1f", Bind::Explicit},
  };
  for (const auto& each : cases) {
    SocketRecord record;
    ASSERT_TRUE(
        unix_sockets::decode({}, socket_of(SOCK_STREAM, SocketState::Listen, name(each.sent)), record));
    EXPECT_EQ(unix_path(record.local), each.path);
    EXPECT_EQ(record.bind, each.bind) << each.path;
  }
}

TEST(UnixSockets, a_datagram_socket_serves_while_it_has_a_name_and_no_peer) {
  const auto serves = [](const Buffer& attributes) {
    SocketRecord record;
    record.protocol = Protocol::Unix;
    const DumpRequest request{Protocol::Unix, Bind::Unknown, {}, {}};
    EXPECT_TRUE(
        unix_sockets::decode(request, socket_of(SOCK_DGRAM, SocketState::Established, attributes), record));
    return is_listener(record);
  };
  const Buffer peer = wire::attribute(UNIX_DIAG_PEER, wire::of(std::uint32_t{7}));
  EXPECT_TRUE(serves(name("/run/log")));
  EXPECT_FALSE(serves(name("/run/log") + peer));
  EXPECT_FALSE(serves({}));
}

Endpoint bound_to(std::string_view path, std::uint32_t device, std::uint32_t inode) {
  const Buffer file = wire::attribute(UNIX_DIAG_VFS, wire::of(unix_diag_vfs{inode, device}));
  SocketRecord record;
  EXPECT_TRUE(
      unix_sockets::decode({}, socket_of(SOCK_STREAM, SocketState::Listen, name(path) + file), record));
  return record.local;
}

TEST(UnixSockets, one_relative_path_in_two_directories_is_two_places) {
  EXPECT_EQ(bound_to("ctl.sock", 5, 70), bound_to("ctl.sock", 5, 70));
  EXPECT_NE(bound_to("ctl.sock", 5, 70), bound_to("ctl.sock", 5, 71));
  EXPECT_NE(bound_to("ctl.sock", 5, 70), bound_to("ctl.sock", 6, 70));
}

TEST(UnixSockets, an_absolute_path_is_one_place_over_restarts_and_another_on_another_file_system) {
  EXPECT_EQ(bound_to("/run/a.sock", 5, 70), bound_to("/run/a.sock", 5, 71));
  EXPECT_NE(bound_to("/run/a.sock", 5, 70), bound_to("/run/a.sock", 6, 70));
}

TEST(UnixSockets, what_is_cut_short_or_makes_no_sense_is_refused) {
  const Buffer whole = socket_of(SOCK_STREAM, SocketState::Listen, name("/run/a.sock"));
  SocketRecord record;
  for (std::size_t length = 0; length < sizeof(unix_diag_msg); ++length)
    EXPECT_FALSE(unix_sockets::decode({}, Bytes(whole).first(length), record)) << length;
  EXPECT_FALSE(unix_sockets::decode({}, Bytes(whole).first(whole.size() - 4), record));
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{2}}) {  // family, state
    Buffer bytes = whole;
    bytes[wrong] = std::byte{0xEE};
    EXPECT_FALSE(unix_sockets::decode({}, bytes, record)) << wrong;
  }
}

}  // namespace
}  // namespace sockwatch
