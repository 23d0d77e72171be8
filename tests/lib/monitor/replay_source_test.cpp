// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/replay_source.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/file_tree.h"
#include "tests/lib/monitor/sinks.h"

namespace sockwatch {
namespace {

const std::vector<Protocol> kTcpAndUdp{Protocol::Tcp, Protocol::Udp};

std::string fixture(const std::string& name) {
  return SOCKWATCH_TESTS_DIR "/fixtures/netlink/" + name;
}

std::unique_ptr<ReplaySource> opened(const std::string& file,
                                     const std::vector<Protocol>& families = kTcpAndUdp) {
  auto source = ReplaySource::open(file, families);
  if (!source.ok()) throw std::runtime_error(source.error().message);
  return *std::move(source);
}

std::size_t count(const std::vector<SocketRecord>& records, Protocol protocol, std::uint16_t port) {
  return static_cast<std::size_t>(std::count_if(
      records.begin(), records.end(),
      [&](const SocketRecord& record) { return record.protocol == protocol && record.local.port == port; }));
}

TEST(ReplaySource, plays_the_looks_in_order_at_their_times) {
  const FileTree tree;
  const std::string file = tree.path() + "/looks";
  const FakeClock clock;
  const WallTime start = clock.now().wall;
  {
    auto writer = CaptureWriter::create(file);
    ASSERT_TRUE(writer.ok());
    writer->look(LookKind::Listeners, start, NamespaceId{5});
    writer->look(LookKind::Connections, start + std::chrono::seconds(1), NamespaceId{5});
    writer->look(LookKind::Listeners, start + std::chrono::seconds(3), NamespaceId{6});
  }
  const auto source = opened(file);
  std::vector<LookKind> kinds;
  std::vector<Instant> times;
  std::vector<NamespaceId> name_spaces;
  while (const auto next = source->next()) {
    kinds.push_back(next->kind);
    times.push_back(next->time);
    EXPECT_TRUE(look_at(*source, next->kind, next->time).empty());
    name_spaces.push_back(source->name_space());
  }
  EXPECT_EQ(kinds, (std::vector{LookKind::Listeners, LookKind::Connections, LookKind::Listeners}));
  EXPECT_EQ(name_spaces, (std::vector{NamespaceId{5}, NamespaceId{5}, NamespaceId{6}}));
  EXPECT_EQ(times[2].wall, start + std::chrono::seconds(3));
  EXPECT_EQ(times[2].monotonic - times[0].monotonic, std::chrono::seconds(3))
      << "both clocks run by the recording";
}

TEST(ReplaySource, what_a_recording_holds_no_answer_to_is_unseen) {
  const FileTree tree;
  const std::string file = tree.path() + "/empty";
  {
    auto writer = CaptureWriter::create(file);
    ASSERT_TRUE(writer.ok());
    writer->look(LookKind::Listeners, {}, {});
  }
  const auto source = opened(file);
  look_at(*source, LookKind::Listeners);
  EXPECT_EQ(source->report().result(), LookResult::Failed);
  EXPECT_FALSE(source->report().unseen.empty());
}

TEST(ReplaySource, tells_what_the_kernel_told) {
  const auto source = opened(fixture("mixed.swcap"));
  ASSERT_EQ(source->next()->kind, LookKind::Listeners);
  const auto listeners = look_at(*source, LookKind::Listeners);
  EXPECT_EQ(source->report().result(), LookResult::Complete);
  EXPECT_EQ(count(listeners, Protocol::Tcp, 8002), 1U);
  EXPECT_EQ(count(listeners, Protocol::Tcp, 8020), 2U) << "two sockets share the port";
  EXPECT_EQ(count(listeners, Protocol::Udp, 9001), 1U);
  ASSERT_EQ(source->next()->kind, LookKind::Connections);
  const auto connections = look_at(*source, LookKind::Connections);
  EXPECT_EQ(source->report().result(), LookResult::Complete);
  EXPECT_EQ(count(connections, Protocol::Tcp, 20001), 1U);
  EXPECT_EQ(count(connections, Protocol::Tcp, 8002), 0U);
  EXPECT_FALSE(source->next());
}

TEST(ReplaySource, only_the_wanted_families_are_asked_for) {
  const auto source = opened(fixture("mixed.swcap"), {Protocol::Udp});
  for (const SocketRecord& record : look_at(*source, LookKind::Listeners))
    EXPECT_EQ(record.protocol, Protocol::Udp);
  EXPECT_EQ(source->report().result(), LookResult::Complete);
}

TEST(ReplaySource, a_file_of_ss_is_one_look_of_each_kind_at_tcp) {
  const auto source = opened(fixture("ss-dump.bin"));
  ASSERT_TRUE(source->next());
  EXPECT_EQ(source->next()->kind, LookKind::Listeners);
  EXPECT_EQ(source->next()->time, Instant{});
  const auto listeners = look_at(*source, LookKind::Listeners);
  EXPECT_EQ(count(listeners, Protocol::Tcp, 8002), 1U);
  EXPECT_EQ(source->report().result(), LookResult::Complete);
  EXPECT_EQ(source->next()->kind, LookKind::Connections);
  EXPECT_EQ(count(look_at(*source, LookKind::Connections), Protocol::Tcp, 20001), 1U);
  EXPECT_FALSE(source->next());
}

TEST(ReplaySource, what_is_no_recording_is_an_error_that_names_the_file) {
  FileTree tree;
  tree.write("note", "this is a shopping list");
  const std::string missing = tree.path() + "/missing";
  EXPECT_EQ(ReplaySource::open(missing, kTcpAndUdp).error().message,
            "open " + missing + ": No such file or directory");
  const auto note = ReplaySource::open(tree.path() + "/note", kTcpAndUdp);
  ASSERT_FALSE(note.ok());
  EXPECT_TRUE(note.error().message.starts_with(tree.path() + "/note: ")) << note.error().message;
}

}  // namespace
}  // namespace sockwatch
