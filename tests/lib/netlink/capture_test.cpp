// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/capture.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>

#include "tests/fakes/file_tree.h"
#include "tests/fakes/full_disk.h"
#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::Buffer;
using wire::operator+;
using namespace std::string_literals;

Buffer bytes(std::string_view text) {
  const auto* raw = reinterpret_cast<const std::byte*>(text.data());
  return {raw, raw + text.size()};
}

const Buffer kMagic = bytes("sockwatch-capture 1\n");
constexpr std::size_t kBlockHeader = 21;

Buffer block(char kind, const Buffer& content) {
  return wire::of(kind) + wire::of(std::int64_t{1'000'000'000}) + wire::of(std::uint64_t{4189}) +
         wire::of(static_cast<std::uint32_t>(content.size())) + content;
}

const Buffer kLook = block('L', Buffer(1));

TEST(Capture, what_is_written_is_read_back) {
  const FileTree tree;
  auto writer = CaptureWriter::create(tree.at("x.swcap"));
  ASSERT_TRUE(writer.ok());
  writer->look(LookKind::Connections, WallTime(Duration(1769860803250000001)), NamespaceId{4189});
  writer->request(bytes("question"));
  writer->reply(bytes("answer"));
  writer->reply({});
  writer->receive_error(EMSGSIZE);
  writer->request(bytes("another"));
  writer->look(LookKind::Listeners, WallTime(Duration(-1)), NamespaceId{~std::uint64_t{0}});
  ASSERT_TRUE(writer->status().ok());

  const auto capture = read_capture(tree.at("x.swcap"));
  ASSERT_TRUE(capture.ok()) << capture.error().message;
  EXPECT_FALSE(capture->bare);
  ASSERT_EQ(capture->looks.size(), 2U);

  const RecordedLook& first = capture->looks[0];
  EXPECT_EQ(first.kind, LookKind::Connections);
  EXPECT_EQ(first.time, WallTime(Duration(1769860803250000001)));
  EXPECT_EQ(first.name_space, NamespaceId{4189});
  ASSERT_EQ(first.exchanges.size(), 2U);
  EXPECT_EQ(first.exchanges[0].request, bytes("question"));
  ASSERT_EQ(first.exchanges[0].replies.size(), 3U);
  EXPECT_EQ(first.exchanges[0].replies[0].datagram, bytes("answer"));
  EXPECT_EQ(first.exchanges[0].replies[0].error, 0);
  EXPECT_TRUE(first.exchanges[0].replies[1].datagram.empty());
  EXPECT_EQ(first.exchanges[0].replies[2].error, EMSGSIZE);
  EXPECT_TRUE(first.exchanges[1].replies.empty());

  EXPECT_EQ(capture->looks[1].kind, LookKind::Listeners);
  EXPECT_EQ(capture->looks[1].time, WallTime(Duration(-1)));
  EXPECT_EQ(capture->looks[1].name_space, NamespaceId{~std::uint64_t{0}});
}

TEST(Capture, the_format_is_what_the_header_file_says) {
  const FileTree tree;
  {
    auto writer = CaptureWriter::create(tree.at("x"));
    writer->look(LookKind::Connections, WallTime(Duration(2)), NamespaceId{3});
    writer->receive_error(EAGAIN);
  }
  EXPECT_EQ(tree.open().read_file("x", 1000).value(),
            "sockwatch-capture 1\n"
            "L\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\1\0\0\0\1"
            "E\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4\0\0\0\13\0\0\0"s);
}

TEST(Capture, a_recording_cut_anywhere_keeps_its_whole_blocks) {
  const Buffer file =
      kMagic + kLook + block('Q', Buffer(72)) + block('R', Buffer(20)) + block('R', Buffer(5));
  std::size_t replies = 0;
  for (std::size_t cut = kMagic.size() + kLook.size(); cut <= file.size(); ++cut) {
    const auto capture = parse_capture(Bytes(file).first(cut));
    ASSERT_TRUE(capture.ok()) << cut << capture.error().message;
    const auto& exchanges = capture->looks[0].exchanges;
    const std::size_t now = exchanges.empty() ? 0 : exchanges[0].replies.size();
    EXPECT_GE(now, replies);
    replies = now;
  }
  EXPECT_EQ(replies, 2U);
}

TEST(Capture, a_damaged_file_is_refused_with_the_place_and_the_reason) {
  const std::string neither =
      "capture, byte 0: neither a sockwatch capture nor netlink messages as written by ss -D";
  const std::string kind = "a look of unknown kind, expected 0 (listeners) or 1 (connections)";
  const struct {
    Buffer file;
    std::string message;
  } cases[] = {
      {{}, neither},
      {bytes("sockwatch-capture 1"), neither},
      {bytes("sockwatch-capture 2\n") + kLook, neither},
      {bytes("text that is long enough for a header"), neither},
      {kMagic, "capture, byte 20: no look in it"},
      {kMagic + Buffer(kBlockHeader - 1), "capture, byte 20: no look in it"},
      {kMagic + block('L', {}), "capture, byte 20: " + kind},
      {kMagic + block('L', Buffer(2)), "capture, byte 20: " + kind},
      {kMagic + block('L', Buffer(1, std::byte{2})), "capture, byte 20: " + kind},
      {kMagic + block('L', Buffer(1, std::byte{0xFF})), "capture, byte 20: " + kind},
      {kMagic + block('Q', {}), "capture, byte 20: a block before the first look"},
      {kMagic + kLook + block('R', {}), "capture, byte 42: a reply before the first request"},
      {kMagic + kLook + block('E', Buffer(4)), "capture, byte 42: a reply before the first request"},
      {kMagic + kLook + block('Q', {}) + block('X', {}),
       "capture, byte 63: a block of unknown kind, expected L, Q, R or E"},
      {kMagic + kLook + block('Q', {}) + block('E', Buffer(3)),
       "capture, byte 63: a block of unknown kind, expected L, Q, R or E"},
  };
  for (const auto& [file, message] : cases) {
    const auto capture = parse_capture(file);
    ASSERT_FALSE(capture.ok()) << message;
    EXPECT_EQ(capture.error().message, message);
  }
}

TEST(Capture, any_byte_of_a_recording_may_be_wrong_without_harm) {
  const std::string file = Dir::open(fixture_path("")).value().read_file("refusals.swcap", 1 << 20).value();
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const char wrong : {'\x00', '\x7F', '\xFF'}) {
      std::string damaged = file;
      damaged[at] = wrong;
      const auto capture = parse_capture(bytes(damaged));
      EXPECT_TRUE(capture.ok() || !capture.error().message.empty());
    }
  }
}

TEST(Capture, what_ss_writes_is_one_look_without_questions) {
  const Capture capture = fixture("ss-dump.bin");
  EXPECT_TRUE(capture.bare);
  ASSERT_EQ(capture.looks.size(), 1U);
  ASSERT_EQ(capture.looks[0].exchanges.size(), 1U);
  EXPECT_TRUE(capture.looks[0].exchanges[0].request.empty());
  EXPECT_EQ(capture.looks[0].exchanges[0].replies.size(), 1U);
}

TEST(Capture, a_file_that_cannot_be_read_is_named) {
  const FileTree tree("empty/\nbad = no capture");
  EXPECT_EQ(read_capture(tree.at("missing")).error().message,
            "open " + tree.path() + "/missing: No such file or directory");
  EXPECT_EQ(read_capture(tree.at("empty")).error().message, "read " + tree.path() + "/empty: Is a directory");
  EXPECT_TRUE(
      read_capture(tree.at("bad")).error().message.starts_with(tree.path() + "/bad: capture, byte 0"));
}

TEST(CaptureWriter, keeps_the_recording_from_other_users) {
  const FileTree tree;
  ASSERT_TRUE(CaptureWriter::create(tree.at("x")).ok());
  struct stat facts {};
  ASSERT_EQ(::stat(tree.at("x").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST(CaptureWriter, a_file_that_cannot_be_made_is_an_error) {
  const FileTree tree;
  EXPECT_EQ(CaptureWriter::create(tree.at("missing/x")).error().code, ENOENT);
  const FullDisk disk(0);
  EXPECT_EQ(CaptureWriter::create(tree.at("x")).error().code, EFBIG);
}

TEST(CaptureWriter, a_full_disk_ends_the_recording_not_the_watch) {
  const FileTree tree;
  auto writer = CaptureWriter::create(tree.at("x"));
  ASSERT_TRUE(writer.ok());
  writer->look(LookKind::Listeners, {}, {});
  {
    const FullDisk disk(kMagic.size() + kLook.size() + kBlockHeader + 3);
    writer->request(Buffer(72));
  }
  EXPECT_FALSE(writer->status().ok());
  EXPECT_EQ(writer->status().error().message, "write capture: No space left on device");
  writer->request(bytes("the disk has room again"));

  const auto capture = read_capture(tree.at("x"));
  ASSERT_TRUE(capture.ok()) << capture.error().message;
  EXPECT_TRUE(capture->looks[0].exchanges.empty());
}

}  // namespace
}  // namespace sockwatch
