// SPDX-License-Identifier: Apache-2.0
// Asks the kernel that runs here, both ways, about sockets in a network namespace of the test's own. Skipped
// without the privileges.
#include "lib/bpf/tcp_counter.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <set>

#include "lib/bpf/tcp_count.h"
#include "lib/netlink/kernel_channel.h"
#include "lib/netlink/sock_diag_source.h"
#include "tests/fakes/namespace_of_own.h"
#include "tests/fakes/tcp_scene.h"

namespace sockwatch {
namespace {

using Lines = std::vector<std::string>;

constexpr Protocol kTcp[] = {Protocol::Tcp};

std::string all_of(const SocketRecord& record) {
  std::string text(word(record.protocol));
  text +=
      " " + std::string(word(record.state)) + " " + to_string(record.local) + " " + to_string(record.remote);
  for (const std::uint64_t number :
       {static_cast<std::uint64_t>(record.id.name_space), record.id.cookie, record.cgroup_id,
        std::uint64_t{record.uid}, std::uint64_t{record.inode}, std::uint64_t{record.receive_queue},
        std::uint64_t{record.send_queue}, std::uint64_t{record.drops}})
    text += " " + std::to_string(number);
  return text;
}

struct Sockets final : RecordSink {
  void accept(const SocketRecord& record) override {
    lines.push_back(all_of(record));
    states.insert(record.state);
  }
  void count(const SocketRecord& record, std::uint64_t connections) override {
    const std::string place = record.remote.port != 0 ? "to port " + std::to_string(record.remote.port)
                                                      : "at " + to_string(record.local);
    counts[std::string(word(record.state)) + " " + place] += connections;
  }
  Lines lines;
  std::set<SocketState> states;
  std::map<std::string, std::uint64_t> counts;
};

// Both sorted.
Lines only_in(const Lines& these, const Lines& others) {
  Lines only;
  std::set_difference(these.begin(), these.end(), others.begin(), others.end(), std::back_inserter(only));
  return only;
}

class TcpCounts : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = TcpCounter::open();
    if (!opened.ok()) GTEST_SKIP() << opened.error().message;
    counter_ = *std::move(opened);
    if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs CAP_SYS_ADMIN to make network namespaces";
    auto channel = KernelChannel::open();
    ASSERT_TRUE(channel.ok());
    channel_ = *std::move(channel);
  }
  Sockets look(std::unique_ptr<SocketCount> count = nullptr) {
    Sockets sockets;
    SockDiagSource source(*channel_, kTcp);
    source.start(LookKind::Connections, Breadth::All, std::move(count));
    while (source.step(sockets, 1)) {
    }
    report_ = source.report();
    std::sort(sockets.lines.begin(), sockets.lines.end());
    return sockets;
  }
  std::unique_ptr<SocketCount> begun() {
    auto count = counter_->begin();
    if (!count.ok()) throw std::runtime_error(count.error().message);
    return *std::move(count);
  }

  std::unique_ptr<TcpCounter> counter_;
  std::unique_ptr<KernelChannel> channel_;
  LookReport report_;
};

TEST_F(TcpCounts, tells_the_first_thousand_as_sock_diag_does_field_by_field) {
  const TcpScene scene;
  const Sockets by_netlink = look();
  EXPECT_FALSE(report_.counted);
  const std::uint64_t told = report_.tcp_connections;
  const Sockets by_bpf = look(begun());
  EXPECT_EQ(only_in(by_bpf.lines, by_netlink.lines), Lines());
  EXPECT_EQ(only_in(by_netlink.lines, by_bpf.lines), Lines());
  EXPECT_TRUE(by_bpf.counts.empty());
  EXPECT_TRUE(report_.counted);
  EXPECT_EQ(report_.tcp_connections, told);
  EXPECT_TRUE(report_.complete[0]);
  for (const SocketState state : {SocketState::Established, SocketState::SynSent, SocketState::SynRecv,
                                  SocketState::FinWait2, SocketState::TimeWait, SocketState::CloseWait})
    EXPECT_TRUE(by_netlink.states.contains(state)) << "the scene has none in " << word(state);
}

TEST_F(TcpCounts, counts_what_comes_after_by_listener_or_by_remote_port) {
  const TcpScene scene(700);
  const Sockets by_netlink = look();
  const Sockets by_bpf = look(begun());
  EXPECT_EQ(by_bpf.lines.size(), 1000U);
  EXPECT_EQ(only_in(by_bpf.lines, by_netlink.lines), Lines());
  std::uint64_t counted = 0;
  for (const auto& [place, connections] : by_bpf.counts) counted += connections;
  EXPECT_EQ(counted, by_netlink.lines.size() - 1000);
  EXPECT_EQ(report_.tcp_connections, by_netlink.lines.size());
  // Of 700 connections no more than 500 have both ends among the first thousand.
  EXPECT_TRUE(by_bpf.counts.contains("established at 0.0.0.0:8001") ||
              by_bpf.counts.contains("established to port 8001"))
      << testing::PrintToString(by_bpf.counts);
}

TEST_F(TcpCounts, each_count_begins_from_nothing_also_after_one_that_was_given_up) {
  const TcpScene scene(700);
  const auto counts = look(begun()).counts;
  auto given_up = begun();
  for (int i = 0; i < 5; ++i) (void)given_up->step(1);
  given_up.reset();
  EXPECT_EQ(look(begun()).counts, counts);
}

TEST_F(TcpCounts, sees_the_namespace_it_was_begun_in_wherever_it_is_worked_on) {
  std::unique_ptr<SocketCount> elsewhere;
  std::unique_ptr<TcpScene> scene;
  const NamespaceOfOwn there([&] {
    scene = std::make_unique<TcpScene>();
    elsewhere = begun();
  });
  EXPECT_FALSE(look(std::move(elsewhere)).lines.empty());
  EXPECT_TRUE(look(begun()).lines.empty());
}

TEST_F(TcpCounts, with_more_listeners_than_fit_all_are_told) {
  const TcpScene scene;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_cur < TCP_COUNT_PLACES + 1000) GTEST_SKIP() << "too few descriptors";
  std::vector<UniqueFd> listeners;
  for (int i = 0; i < TCP_COUNT_PLACES; ++i) {
    listeners.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::listen(listeners.back().get(), 1), 0);  // at a port that the kernel chooses
  }
  const Lines by_netlink = look().lines;
  EXPECT_EQ(look(begun()).lines, by_netlink);
  EXPECT_FALSE(report_.counted);
  EXPECT_EQ(report_.why_not_counted, "more listeners than the counts have room for");
}

}  // namespace
}  // namespace sockwatch
