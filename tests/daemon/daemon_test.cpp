// SPDX-License-Identifier: Apache-2.0
// A whole daemon in one process, with a loop, a clock, a kernel and a receiver of the test's own: what its
// parts do together when several things go wrong at once.
#include "daemon/daemon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "lib/base/log.h"
#include "lib/base/words.h"
#include "tests/fakes/fake_reactor.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/open_sockets.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/alert/fake_sink.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

const SocketRecord kSsh = listening(Protocol::Tcp, "0.0.0.0", 22, 1);
const SocketRecord kEvil = listening(Protocol::Tcp, "0.0.0.0", 4444, 2);

// What outlives a daemon: the machine, the state directory and the receiver.
struct World {
  World() {
    log::start(LogLevel::Error, log::Style::Plain);
    tree.add("proc/sys/kernel/random/boot_id = this-boot");
    families.how.fill(Sight::SockDiag);
  }
  std::string state(std::string_view file) const { return tree.at("state") / file; }
  std::size_t reported(std::string_view what) const {
    return static_cast<std::size_t>(
        std::count_if(receiver->got.begin(), receiver->got.end(),
                      [&](const std::string& entry) { return entry.find(what) != std::string::npos; }));
  }

  FileTree tree;
  FakeClock clock;
  OpenSockets listeners;
  OpenSockets connections;
  FamilySight families;
  std::shared_ptr<FakeReceiver> receiver = std::make_shared<FakeReceiver>();
};

// One run. Its destruction is a crash where nobody has stopped it.
class OneRun {
 public:
  explicit OneRun(World& world)
      : loop_(world.clock),
        daemon_({world.clock, loop_, board_, world.tree.at("state"), world.tree.at("proc"),
                 [&world](const Settings&, const std::function<void()>&,
                          const std::function<std::set<std::string>()>&) {
                   std::vector<std::unique_ptr<AlertSink>> sinks;
                   sinks.push_back(std::make_unique<FakeSink>(world.receiver));
                   return sinks;
                 }},
                Setup()) {
    EXPECT_TRUE(daemon_.connect().ok());
    Pipeline pipeline(Annotator(ServiceTable(), std::nullopt), {}, {});
    daemon_.recall(pipeline, {});
    daemon_.watch(std::move(pipeline), {.sources = {&world.listeners, &world.connections},
                                        .facts =
                                            [&world] {
                                              return SocketFacts{SocketSource::SockDiag, world.families};
                                            },
                                        .counted = nullptr,
                                        .standing_elsewhere = nullptr,
                                        .published = [] {}});
    EXPECT_TRUE(daemon_.start(false).ok());
    daemon_.first_poll();
  }
  void run_for(Duration time) { loop_.run_for(time); }
  void stop() { daemon_.stop(); }
  void reload(Result<Setup> fresh) { daemon_.reload(std::move(fresh)); }
  std::shared_ptr<const View> view() const { return board_.current(); }
  VerdictKind verdict(std::uint16_t port) const {
    for (const Listener& each : board_.current()->listeners) {
      if (each.key.local.port == port) return each.verdict.kind;
    }
    ADD_FAILURE() << "nothing on port " << port;
    return VerdictKind::Pending;
  }

 private:
  FakeReactor loop_;
  ViewBoard board_;
  Daemon daemon_;
};

// Every product of what may have become of the state, whether the receiver is there, when a backdoor opens
// and how the run ends.
enum class State : std::uint8_t { None, Known, Damaged, Lost };
enum class Receiver : std::uint8_t { There, Away };
enum class Opened : std::uint8_t { BeforeTheStart, WhileItRuns };
enum class End : std::uint8_t { Stopped, Killed };
using Hazards = std::tuple<State, Receiver, Opened, End>;

class DaemonHazards : public testing::TestWithParam<Hazards> {
 protected:
  // An earlier run knew ssh, and nothing else was open.
  void prepare(State state) {
    world_.listeners.open = {kSsh};
    if (state == State::None) return;
    OneRun(world_).stop();
    if (state == State::Known) return;
    std::filesystem::resize_file(world_.state("state.json"), 20);
    if (state == State::Damaged) return;
    std::filesystem::rename(world_.state("state.json"), world_.state("state.json.corrupt"));
  }

  World world_;
};

TEST_P(DaemonHazards, a_backdoor_is_reported_and_never_learned) {
  const auto [state, receiver, opened, end] = GetParam();
  prepare(state);
  // What is open at the very first start is expected: that is what learning means.
  const bool learned = state == State::None && opened == Opened::BeforeTheStart;
  const bool damaged = state == State::Damaged || state == State::Lost;
  world_.receiver->answer = receiver == Receiver::There ? SendOutcome::Sent : SendOutcome::TryAgain;

  if (opened == Opened::BeforeTheStart) world_.listeners.open.push_back(kEvil);
  {
    OneRun first(world_);
    if (opened == Opened::WhileItRuns) world_.listeners.open.push_back(kEvil);
    first.run_for(5s);
    EXPECT_EQ(first.verdict(4444), learned ? VerdictKind::Expected : VerdictKind::Unexpected);
    EXPECT_EQ(first.verdict(22), damaged ? VerdictKind::Unexpected : VerdictKind::Expected);
    if (end == End::Stopped) first.stop();
  }
  world_.receiver->answer = SendOutcome::Sent;
  OneRun second(world_);
  second.run_for(1min);
  EXPECT_EQ(second.verdict(4444), learned ? VerdictKind::Expected : VerdictKind::Unexpected);
  EXPECT_EQ(second.verdict(22), damaged ? VerdictKind::Unexpected : VerdictKind::Expected);
  // A crash may repeat an alert and loses none.
  const std::size_t reported = world_.reported("opened 0.0.0.0:4444");
  EXPECT_GE(reported, learned ? 0U : 1U);
  EXPECT_LE(reported, learned ? 0U : end == End::Killed ? 2U : 1U);
  EXPECT_EQ(world_.reported("what earlier runs knew") > 0, damaged);
  EXPECT_EQ(world_.reported("baseline learned"), 1U) << "by the very first run, and no other";
}

INSTANTIATE_TEST_SUITE_P(Products, DaemonHazards,
                         testing::Combine(testing::Values(State::None, State::Known, State::Damaged,
                                                          State::Lost),
                                          testing::Values(Receiver::There, Receiver::Away),
                                          testing::Values(Opened::BeforeTheStart, Opened::WhileItRuns),
                                          testing::Values(End::Stopped, End::Killed)));

TEST(Daemon, a_reload_with_a_mistake_leaves_what_is_in_force_as_it_is) {
  World world;
  world.listeners.open = {kSsh};
  OneRun run(world);
  run.reload(Error{"sockwatch.toml:1:1: nonsense"});
  EXPECT_FALSE(run.view()->config.last_reload_successful);
  EXPECT_EQ(run.verdict(22), VerdictKind::Expected);
  run.reload(sockwatch::Setup());
  EXPECT_TRUE(run.view()->config.last_reload_successful);
}

TEST(Daemon, whoever_reloads_after_damage_has_decided_what_to_expect) {
  World world;
  world.tree.write("state/state.json", "nonsense");
  OneRun run(world);
  EXPECT_EQ(world.reported("what earlier runs knew"), 1U);
  run.reload(sockwatch::Setup());
  EXPECT_EQ(world.reported("what earlier runs knew"), 2U) << "and now it is over";
}

TEST(Daemon, a_state_that_cannot_be_written_is_reported_until_it_can_be) {
  World world;
  world.tree.write("state/state.json.new/inside", "");
  OneRun run(world);
  EXPECT_EQ(world.reported("what later runs shall know"), 1U);
  world.tree.remove("state/state.json.new");
  run.run_for(20s);
  run.stop();
  EXPECT_EQ(world.reported("what later runs shall know"), 2U);
}

}  // namespace
}  // namespace sockwatch
