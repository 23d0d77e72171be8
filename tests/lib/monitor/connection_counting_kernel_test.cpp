// SPDX-License-Identifier: Apache-2.0
// Looks at the connections of two network namespaces of the test's own, by netlink and by BPF: what a reader
// is shown must be the same. Skipped without the privileges.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "lib/monitor/monitor.h"
#include "lib/monitor/setup.h"
#include "lib/monitor/touring_source.h"
#include "lib/procfs/net_namespaces.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/namespace_of_own.h"
#include "tests/fakes/tcp_scene.h"

namespace sockwatch {
namespace {

using Lines = std::vector<std::string>;

void add_states(Lines& lines, const std::string& what, const CountByState& counts) {
  for (const SocketState state : all_of<SocketState>()) {
    const std::uint32_t count = counts[static_cast<std::size_t>(state)];
    if (count != 0) lines.push_back(what + " " + std::string(word(state)) + " " + std::to_string(count));
  }
}

Lines rows_of(const ConnectionTally& tally) {
  Lines lines{"total " + std::to_string(tally.total)};
  for (const auto& row : tally.by_listener)
    add_states(lines,
               std::to_string(static_cast<std::uint64_t>(row.listener.name_space)) + " " +
                   to_string(row.listener.local),
               row.by_state);
  for (const auto& row : tally.by_service)
    add_states(lines,
               std::string(word(row.protocol)) + " " + std::string(word(row.direction)) + " " +
                   std::to_string(row.port),
               row.by_state);
  return lines;
}

Lines seen_in(const ConnectionTally& tally) {
  Lines lines;
  for (const auto& [record, direction, annotation] : *tally.seen)
    lines.push_back(std::string(word(direction)) + " " + std::string(word(record.state)) + " " +
                    to_string(record.local) + " " + to_string(record.remote) + " " +
                    std::to_string(record.id.cookie) + " " + annotation.owner.unit);
  return lines;
}

class BothWays : public testing::Test {
 protected:
  explicit BothWays(int more_here = 0, int more_there = 0)
      : there_([&] { scene_there_.emplace(more_there); }), more_here_(more_here) {}
  void SetUp() override {
    const auto counting = make_counting(ConnectionsMode::Bpf, "/proc");
    if (!counting.ok()) GTEST_SKIP() << counting.error().message;
    if (::unshare(CLONE_NEWNET) != 0 || there_.error() != 0)
      GTEST_SKIP() << "needs CAP_SYS_ADMIN to make network namespaces";
    scene_here_.emplace(more_here_);
    struct stat facts {};
    ASSERT_EQ(::stat("/proc/thread-self/ns/net", &facts), 0);
    proc_.link("self/ns/net", net_namespace_link(facts.st_ino));
    proc_.write("self/mountinfo", "90 22 0:4 " + net_namespace_link(there_.inode()) + " " + there_.path() +
                                      " rw - nsfs nsfs rw\n");
  }

  // The second look at the connections: by then it is known how many there are.
  ConnectionTally look(ConnectionsMode mode) {
    const auto counting = make_counting(mode, "/proc");
    auto host = LiveSource::open({{Protocol::Tcp, Protocol::Udp}, "/proc", "", false, counting->get()});
    if (!counting.ok() || !host.ok()) throw std::runtime_error("no source");
    NamespaceRoster roster(proc_.open(), (*host)->name_space());
    TouringSource tour(*std::move(host), &roster);
    Monitor monitor({&tour, &tour}, Pipeline(Annotator(ServiceTable(), std::nullopt), Policy(), {}));
    (void)monitor.look(LookKind::Listeners, clock_);
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(monitor.look(LookKind::Connections, clock_).result, LookResult::Complete);
    EXPECT_EQ((*counting)->trouble(), "");
    sources_ = (*counting)->sources();
    return monitor.view(clock_.now()).connections;
  }

  FileTree proc_;
  std::optional<TcpScene> scene_there_;
  NamespaceOfOwn there_;
  int more_here_;
  std::optional<TcpScene> scene_here_;
  FakeClock clock_;
  PerWord<ConnectionSource, bool> sources_{};
};

constexpr PerWord<ConnectionSource, bool> kByNetlink{true, false};
constexpr PerWord<ConnectionSource, bool> kByBpf{false, true};

TEST_F(BothWays, show_the_same_where_each_socket_is_told) {
  const ConnectionTally by_netlink = look(ConnectionsMode::Netlink);
  EXPECT_EQ(sources_, kByNetlink);
  const ConnectionTally by_bpf = look(ConnectionsMode::Bpf);
  EXPECT_EQ(sources_, kByBpf);
  EXPECT_EQ(rows_of(by_bpf), rows_of(by_netlink));
  EXPECT_EQ(seen_in(by_bpf), seen_in(by_netlink));
  EXPECT_GT(by_netlink.total, 80U) << "two scenes";
}

// So many that most of what is special is only counted, too.
struct BothWaysOfMany : BothWays {
  BothWaysOfMany() : BothWays(3000, 2000) {}
};

TEST_F(BothWaysOfMany, count_the_same_where_most_are_only_counted) {
  const Lines by_netlink = rows_of(look(ConnectionsMode::Netlink));
  EXPECT_EQ(rows_of(look(ConnectionsMode::Bpf)), by_netlink);
  EXPECT_EQ(sources_, kByBpf);
  EXPECT_EQ(rows_of(look(ConnectionsMode::Auto)), by_netlink);
  EXPECT_EQ(sources_, kByNetlink) << "they are few";
}

}  // namespace
}  // namespace sockwatch
