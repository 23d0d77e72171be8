// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/tracepoint.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

// As the kernel described it when the fixture was taken (6.18).
std::string format() {
  std::ifstream file(SOCKWATCH_TESTS_DIR "/fixtures/tracefs/inet_sock_set_state.format");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = format();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(TracepointFormat, of_this_kernel_is_read) {
  const auto layout = parse_tracepoint_format(format());
  ASSERT_TRUE(layout.ok()) << layout.error().message;
  EXPECT_EQ(layout->socket, 8U);
  EXPECT_EQ(layout->old_state, 16U);
  EXPECT_EQ(layout->new_state, 20U);
  EXPECT_EQ(layout->port, 24U);
  EXPECT_EQ(layout->family, 28U);
  EXPECT_EQ(layout->address_v4, 32U);
  EXPECT_EQ(layout->address_v6, 40U);
  EXPECT_EQ(layout->size, 56U) << "what lies behind the last field we read may be missing";
}

TEST(TracepointFormat, fields_may_move) {
  const auto layout = parse_tracepoint_format(with("sport;\toffset:24;", "sport;\toffset:200;"));
  ASSERT_TRUE(layout.ok()) << layout.error().message;
  EXPECT_EQ(layout->port, 200U);
  EXPECT_EQ(layout->size, 202U);
}

// "saddr" is not "daddr", nor "saddr_v6", nor a word in the print format.
TEST(TracepointFormat, a_name_is_found_whole_and_in_a_declaration_only) {
  EXPECT_FALSE(parse_tracepoint_format(with("__u16 sport;", "__u16 xsport;")).ok());
  EXPECT_FALSE(parse_tracepoint_format(with("__u16 sport;", "__u16 sport_2;")).ok());
  EXPECT_FALSE(parse_tracepoint_format(with("\tfield:__u16 sport;", "\tprint:__u16 sport;")).ok());
  EXPECT_TRUE(parse_tracepoint_format(with("__u8 saddr[4];", "__u8 saddr[ 4 ];")).ok());
  EXPECT_TRUE(parse_tracepoint_format(with("const void * skaddr", "unsigned long skaddr")).ok());
}

TEST(TracepointFormat, a_field_that_is_missing_or_of_another_size_is_named) {
  const struct {
    const char* from;
    const char* to;
    const char* named;
  } cases[] = {
      {"skaddr;\toffset:8;\tsize:8;", "skaddr;\toffset:8;\tsize:4;", "\"skaddr\" of 8 bytes"},
      {"int oldstate;", "int was;", "\"oldstate\" of 4 bytes"},
      {"newstate;\toffset:20;\tsize:4;", "newstate;\toffset:20;\tsize:8;", "\"newstate\" of 4 bytes"},
      {"sport;\toffset:24;\tsize:2;", "sport;\toffset:24;\tsize:4;", "\"sport\" of 2 bytes"},
      {"sport;\toffset:24;\tsize:2;", "sport;\toffset:24;", "\"sport\" of 2 bytes"},
      {"sport;\toffset:24;", "sport;\toffset:;", "\"sport\" of 2 bytes"},
      {"sport;\toffset:24;", "sport;\toffset:-24;", "\"sport\" of 2 bytes"},
      {"sport;\toffset:24;", "sport;\toffset:4097;", "\"sport\" of 2 bytes"},
      {"sport;\toffset:24;", "sport;\toffset:99999999999999999999;", "\"sport\" of 2 bytes"},
      {"__u16 family;", "__u16 kin;", "\"family\" of 2 bytes"},
      {"saddr[4];\toffset:32;\tsize:4;", "saddr[4];\toffset:32;\tsize:16;", "\"saddr\" of 4 bytes"},
      {"__u8 saddr_v6[16];", "__u8 six[16];", "\"saddr_v6\" of 16 bytes"},
  };
  for (const auto& broken : cases) {
    const auto layout = parse_tracepoint_format(with(broken.from, broken.to));
    ASSERT_FALSE(layout.ok()) << broken.to;
    EXPECT_NE(layout.error().message.find(broken.named), std::string::npos) << layout.error().message;
  }
}

TEST(TracepointFormat, text_that_is_none_is_an_error_wherever_it_ends) {
  const std::string text = format();
  const std::size_t last = text.find("saddr_v6[16];\toffset:40;\tsize:16;");
  for (std::size_t size = 0; size < last; ++size) {
    EXPECT_FALSE(parse_tracepoint_format(text.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(parse_tracepoint_format("field:\nfield:;\nfield: ;offset:;size:;\n").ok());
}

// A record of this kernel's layout: who listens on 10.1.2.3:4444.
class TracepointRecord : public testing::Test {
 protected:
  TracepointRecord() : layout_(*parse_tracepoint_format(format())), bytes_(72) {
    put<std::uint64_t>(8, 0xffff888012345678);
    states(7, 10);
    put<std::uint16_t>(24, 4444);
    put<std::uint16_t>(28, AF_INET);
    put(32, std::array<std::uint8_t, 4>{10, 1, 2, 3});
    put(40, std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8});
  }

  template <typename T>
  void put(std::size_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(value));
  }
  void states(std::int32_t before, std::int32_t after) {
    put(16, before);
    put(20, after);
  }
  std::optional<SocketEvent> decode() const {
    return decode_tracepoint(bytes_, layout_, {NamespaceId{7}, 4711, FakeClock().now()});
  }

  TracepointLayout layout_;
  std::vector<std::byte> bytes_;
};

TEST_F(TracepointRecord, tells_place_and_pid_and_nothing_it_does_not_know) {
  const auto event = decode();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, SocketEvent::Kind::Opened);
  EXPECT_EQ(event->source, EventSource::Perf);
  EXPECT_EQ(event->time, FakeClock().now());
  EXPECT_EQ(event->handle, 0xffff888012345678U);
  EXPECT_EQ(event->record.local, (Endpoint{ip("10.1.2.3"), 4444, 0}));
  EXPECT_EQ(event->record.protocol, Protocol::Tcp);
  EXPECT_EQ(event->record.id, (SocketId{NamespaceId{7}, 0})) << "the reader's, and no cookie";
  EXPECT_EQ(event->record.bind, Bind::Unknown);
  EXPECT_EQ(event->caller, (Holder{{4711, 0}, "", "", 0}));
}

TEST_F(TracepointRecord, of_ipv6_has_its_own_address) {
  put<std::uint16_t>(28, AF_INET6);
  EXPECT_EQ(decode()->record.local.address, ip("2001:db8::"));
}

TEST_F(TracepointRecord, only_the_beginning_and_the_end_of_listening_say_something) {
  using Kind = SocketEvent::Kind;
  for (std::int32_t before = 0; before < 14; ++before) {
    for (std::int32_t after = 0; after < 14; ++after) {
      states(before, after);
      std::optional<Kind> expected;
      if (after == 10 && before != 10) expected = Kind::Opened;
      if (before == 10 && after == 7) expected = Kind::Closed;
      const auto event = decode();
      EXPECT_EQ(event ? std::optional(event->kind) : std::nullopt, expected) << before << " to " << after;
    }
  }
}

TEST_F(TracepointRecord, of_another_family_says_nothing) {
  for (const int family : {0, AF_UNIX, AF_NETLINK, 65535}) {
    put<std::uint16_t>(28, static_cast<std::uint16_t>(family));
    EXPECT_FALSE(decode()) << family;
  }
}

TEST_F(TracepointRecord, cut_short_says_nothing_until_every_field_is_there) {
  for (std::size_t size = 0; size <= bytes_.size(); ++size) {
    const auto event = decode_tracepoint(std::span(bytes_).first(size), layout_, {{}, 4711, {}});
    EXPECT_EQ(event.has_value(), size >= 56) << size;
  }
}

}  // namespace
}  // namespace sockwatch
