// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

#include "lib/base/unique_fd.h"
#include "lib/monitor/live_source.h"
#include "lib/monitor/replay_source.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/file_tree.h"
#include "tests/lib/monitor/sinks.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

const std::vector<Protocol> kTcpAndUdp{Protocol::Tcp, Protocol::Udp};
const std::vector<std::string> kPlaces{"tcp 0.0.0.0:8001", "udp 0.0.0.0:9001"};

UniqueFd bound(int type, std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

// A network namespace of its own, with a listener of each protocol.
class LiveSourceOnAKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNET) != 0) {
      GTEST_SKIP() << "needs a network namespace of its own: " << Error::from_errno("unshare", errno).message;
    }
    tcp_ = bound(SOCK_STREAM, 8001);
    udp_ = bound(SOCK_DGRAM, 9001);
    ASSERT_TRUE(tcp_.valid() && udp_.valid());
    ASSERT_EQ(::listen(tcp_.get(), 1), 0);
  }

  std::unique_ptr<LiveSource> opened(std::string record_file = {}) const {
    auto source = LiveSource::open({kTcpAndUdp, "/proc", std::move(record_file)});
    if (!source.ok()) throw std::runtime_error(source.error().message);
    return *std::move(source);
  }

  UniqueFd tcp_;
  UniqueFd udp_;
  FakeClock clock_;
};

TEST_F(LiveSourceOnAKernel, tells_what_is_open_in_this_namespace) {
  const auto source = opened();
  const auto records = look_at(*source, LookKind::Listeners);
  EXPECT_EQ(places_of(records), kPlaces);
  for (const SocketRecord& record : records) EXPECT_EQ(record.id.name_space, source->name_space());
  EXPECT_EQ(source->kind(), SocketSource::SockDiag);
  EXPECT_EQ(source->report().result(), LookResult::Complete);
  EXPECT_TRUE(look_at(*source, LookKind::Connections).empty());
}

TEST_F(LiveSourceOnAKernel, the_next_look_sees_what_has_changed) {
  const auto source = opened();
  look_at(*source, LookKind::Listeners);
  tcp_.reset();
  EXPECT_EQ(places_of(look_at(*source, LookKind::Listeners)), std::vector<std::string>{kPlaces[1]});
}

TEST_F(LiveSourceOnAKernel, a_family_that_comes_with_a_module_is_seen_soon) {
  FileTree tree{"proc/net/protocols = TCP 1"};
  LiveSource::Options options{kTcpAndUdp, tree.path() + "/proc", {}};
  options.families.push_back(Protocol::Udplite);
  const auto opened = LiveSource::open(std::move(options));
  ASSERT_TRUE(opened.ok());
  LiveSource& source = **opened;
  const auto sight = [&](Duration later) {
    clock_.advance(later);
    EXPECT_EQ(places_of(look_at(source, LookKind::Listeners, clock_.now())), kPlaces);
    return source.sight().how[static_cast<std::size_t>(Protocol::Udplite)];
  };
  EXPECT_EQ(sight(std::chrono::seconds(20)), Sight::Absent);
  tree.write("proc/net/protocols", "TCP 1\nUDP-Lite 1\n");
  EXPECT_EQ(sight(std::chrono::seconds(5)), Sight::Absent);
  EXPECT_NE(sight(std::chrono::seconds(5)), Sight::Absent);
}

// 10 ms of rest after each datagram, at least 2 s and at most 30.
TEST_F(LiveSourceOnAKernel, unix_sockets_are_asked_for_the_more_seldom_the_more_there_was_to_tell) {
  const UniqueFd local(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un name{AF_UNIX, {'\0', 'a'}};
  ASSERT_EQ(::bind(local.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t) + 2), 0);
  ASSERT_EQ(::listen(local.get(), 1), 0);
  const auto shows_it = [&](LiveSource& source, int datagrams) {
    RecordList list;
    source.start(LookKind::Listeners, clock_.now());
    while (source.step(list, datagrams)) {
    }
    return places_of(list.records).back().starts_with("unix");
  };
  for (const auto& [datagrams, rest] : {std::pair(50, 2s), std::pair(1000, 10s), std::pair(100'000, 30s)}) {
    const auto source = std::move(*LiveSource::open({{Protocol::Tcp, Protocol::Unix}, "/proc", {}}));
    EXPECT_TRUE(shows_it(*source, datagrams));
    clock_.advance(rest - 1ms);
    EXPECT_FALSE(shows_it(*source, datagrams)) << datagrams;
    clock_.advance(1ms);
    EXPECT_TRUE(shows_it(*source, datagrams)) << datagrams;
  }
}

TEST_F(LiveSourceOnAKernel, a_recording_replays_to_the_same) {
  const FileTree tree;
  const std::string file = tree.path() + "/recording";
  {
    const auto source = opened(file);
    look_at(*source, LookKind::Listeners, clock_.now());
    tcp_.reset();
    look_at(*source, LookKind::Listeners, clock_.now() + std::chrono::seconds(1));
    EXPECT_TRUE(source->recording_status().ok());
  }
  const auto replay = ReplaySource::open(file, kTcpAndUdp);
  ASSERT_TRUE(replay.ok()) << replay.error().message;
  EXPECT_EQ((*replay)->next()->time.wall, clock_.now().wall);
  EXPECT_EQ(places_of(look_at(**replay, LookKind::Listeners)), kPlaces);
  EXPECT_EQ(places_of(look_at(**replay, LookKind::Listeners)), std::vector<std::string>{kPlaces[1]});
  EXPECT_FALSE((*replay)->next());
}

TEST_F(LiveSourceOnAKernel, a_recording_that_cannot_be_written_is_told_at_once) {
  const auto nowhere = LiveSource::open({kTcpAndUdp, "/proc", "/nowhere/recording"});
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().message, "create /nowhere/recording: No such file or directory");
  const auto full = LiveSource::open({kTcpAndUdp, "/proc", "/dev/full"});
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, ENOSPC);
}

}  // namespace
}  // namespace sockwatch
