// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/recording_channel.h"

#include <gtest/gtest.h>

#include "lib/netlink/replay_channel.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/full_disk.h"
#include "tests/fakes/scripted_channel.h"
#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::operator+;

class Recording : public testing::Test {
 protected:
  FileTree tree_;
  CaptureWriter writer_ = CaptureWriter::create(tree_.at("x")).value();
  ScriptedChannel kernel_;
  RecordingChannel channel_{kernel_, writer_};
};

TEST_F(Recording, passes_everything_through_unchanged) {
  kernel_.answer({{wire::done(), 0}, {{}, EMSGSIZE}});
  kernel_.fail_send(ENOBUFS);
  const auto request = encode({}, 1);
  ASSERT_TRUE(channel_.send(request).ok());
  EXPECT_EQ(kernel_.requests().back(), request);
  EXPECT_EQ(channel_.receive()->size(), 20U);
  EXPECT_EQ(channel_.receive().error().code, EMSGSIZE);
  EXPECT_EQ(channel_.send(request).error().code, ENOBUFS);
  EXPECT_EQ(channel_.name_space(), kernel_.name_space());
}

TEST_F(Recording, a_replay_sees_what_the_source_saw) {
  constexpr std::array kTcp = {Protocol::Tcp};
  kernel_.answer({{wire::socket(1) + wire::socket(2), 0}, {wire::socket(3) + wire::done(), 0}});
  kernel_.answer({{wire::error(EACCES), 0}});
  kernel_.answer({{{}, EMSGSIZE}, {wire::done(), 0}});
  kernel_.answer({{wire::socket(4), 0}});  // and then EAGAIN

  writer_.look(LookKind::Listeners, {}, channel_.name_space());
  SockDiagSource source(channel_, kTcp);
  const auto seen = look(source, LookKind::Listeners);

  const Capture capture = read_capture(tree_.at("x")).value();
  ReplayChannel replay(capture);
  SockDiagSource again(replay, kTcp);
  const auto replayed = look(again, LookKind::Listeners);

  ASSERT_EQ(seen.size(), 4U);
  ASSERT_EQ(replayed.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(replayed[i].id, seen[i].id);
  ASSERT_EQ(again.report().unseen.size(), 3U);
  EXPECT_EQ(again.report().unseen[0], source.report().unseen[0]);
  EXPECT_EQ(again.report().unseen[1], source.report().unseen[1]);
  EXPECT_EQ(again.report().complete, source.report().complete);
}

TEST_F(Recording, goes_on_without_the_file_when_the_disk_is_full) {
  kernel_.answer({{wire::done(), 0}});
  const FullDisk disk(0);
  ASSERT_TRUE(channel_.send(encode({}, 1)).ok());
  EXPECT_EQ(channel_.receive()->size(), 20U);
  EXPECT_FALSE(writer_.status().ok());
}

}  // namespace
}  // namespace sockwatch
