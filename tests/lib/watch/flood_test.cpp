// SPDX-License-Identifier: Apache-2.0
// What opens at once is taken in by parts. Random stories of floods, closes and restarts go through one
// pipeline that does so and through one that takes in everything: when a flood has ended both know and report
// the same, and no socket has gone unreported. The seed of a story is part of its name in a failure.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "lib/alert/gate.h"
#include "lib/policy/allow.h"
#include "tests/fakes/transitions.h"
#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kIntake = 5;
constexpr std::uint32_t kCrowd = 60;
constexpr std::uint32_t kAttacker = 1000;

// A pipeline, what it knows and what it has reported.
class Watcher {
 public:
  explicit Watcher(std::size_t intake)
      : pipeline(Annotator(ServiceTable(), std::nullopt), policy(), settings(intake)) {}

  void take(const Delta& delta) {
    for (const Alert& alert : gate.offer(delta)) {
      if (alert.event == Event::ListenerOpened && alert.tone == AlertTone::Wrong)
        ++reported[alert.listener->key];
    }
    for (const Listener& gone : short_lived(delta)) account_for(gone);
    pipeline.ledger().for_each_kept([this](const Listener& listener) { account_for(listener); });
  }

  Pipeline pipeline;
  Gate gate{allow_lines};
  std::map<ListenerKey, int> reported;
  std::set<std::uint64_t> accounted;  // cookies

 private:
  static Policy policy() {
    Policy made;
    made.rules = {rule("some", Action::Expect, 22), rule("others", Action::Ignore, 23)};
    made.rules[0].ports = {{20'010, 20'020, std::nullopt}};
    made.rules[1].ports = {{20'030, 20'035, std::nullopt}};
    return made;
  }
  static PipelineSettings settings(std::size_t intake) {
    PipelineSettings made;
    made.intake_of_poll = intake;
    return made;
  }
  void account_for(const Listener& listener) {
    for (const SocketRecord& member : listener.members) accounted.insert(member.id.cookie);
  }
};

class Flood : public Road {
 public:
  Flood(std::uint32_t seed, bool with_events) : random_(seed), with_events_(with_events) {}
  void TestBody() override {}

  void run(int chapters) {
    open_some(10);
    poll_both();
    EXPECT_EQ(parts_.pipeline.ledger().sockets(), open_.size()) << "a baseline is whole";
    for (int i = 0; i < chapters && !HasFailure(); ++i) {
      switch (random_() % 6) {
        case 0:
          open_some(kCrowd);
          break;
        case 1:
          close_some(random_() % 3 == 0 ? open_.size() / 2 : 3);
          break;
        case 2:
          restart();
          break;
        case 3:
          join();
          break;
        default:
          open_some(2);
      }
      for (unsigned polls = random_() % 4; polls > 0; --polls) poll_both();
      if (random_() % 10 == 0) clock_.advance(31s);
    }
    end();
  }

 private:
  void open_some(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto port = static_cast<std::uint16_t>(20'000 + random_() % 300);
      if (std::none_of(open_.begin(), open_.end(),
                       [&](const SocketRecord& each) { return each.local.port == port; }))
        open(port, count > kIntake ? kAttacker : kAttacker + 1 + static_cast<std::uint32_t>(random_() % 3));
    }
  }

  void open(std::uint16_t port, std::uint32_t uid) {
    open_.push_back(
        listening(random_() % 4 == 0 ? Protocol::Udp : Protocol::Tcp, "192.0.2.1", port, ++cookies_));
    open_.back().uid = uid;
    ++lives_[key_of(open_.back())];
    tell(SocketEvent::Kind::Opened, open_.back());
  }

  void close_some(std::size_t count) {
    for (; count > 0 && !open_.empty(); --count) close(random_() % open_.size());
  }

  void close(std::size_t position) {
    tell(SocketEvent::Kind::Closed, open_[position]);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(position));
  }

  void restart() {
    if (open_.empty()) return;
    const std::size_t position = random_() % open_.size();
    const SocketRecord before = open_[position];
    close(position);
    if (random_() % 2 == 0) poll_both();
    open(static_cast<std::uint16_t>(before.local.port), before.uid);
  }

  // SO_REUSEPORT.
  void join() {
    if (open_.empty()) return;
    SocketRecord record = open_[random_() % open_.size()];
    record.id.cookie = ++cookies_;
    ++lives_[key_of(record)];
    open_.push_back(record);
    tell(SocketEvent::Kind::Opened, record);
  }

  void tell(SocketEvent::Kind kind, const SocketRecord& record) {
    clock_.advance(1ms);
    if (!with_events_) return;
    SocketEvent event;
    const bool bound = kind == SocketEvent::Kind::Opened && record.protocol == Protocol::Udp;
    event.kind = bound ? SocketEvent::Kind::Bound : kind;
    event.source = EventSource::Bpf;
    event.record = record;
    event.time = clock_.now();
    for (Watcher* each : {&parts_, &whole_at_once_}) each->pipeline.take(event);
  }

  void poll_both() {
    for (Watcher* each : {&parts_, &whole_at_once_}) {
      const FakeClock before = clock_;
      const Delta delta = poll(each->pipeline, open_);
      if (each == &parts_) clock_ = before;
      each->take(delta);
      for (const Listener& closed : delta.closed) {
        EXPECT_TRUE(std::none_of(open_.begin(), open_.end(), [&](const SocketRecord& record) {
          return key_of(record) == closed.key;
        })) << "what is open never counts as closed";
      }
    }
  }

  void end() {
    const std::size_t most = open_.size() / kIntake + 2;
    std::size_t polls = 0;
    for (; parts_.pipeline.ledger().backlog().size() > 0; ++polls) {
      ASSERT_LE(polls, most) << "a part with each poll";
      EXPECT_TRUE(parts_.pipeline.unsettled()) << "the next poll comes soon";
      poll_both();
    }
    for (int i = 0; i < 3; ++i) poll_both();
    clock_.advance(60s);
    // Whom nobody has judged yet is asked for again in parts, too.
    for (std::size_t i = 0; i < most; ++i) poll_both();
    EXPECT_TRUE(known(parts_) == known(whole_at_once_));
    EXPECT_EQ(parts_.gate.standing(), whole_at_once_.gate.standing());
    for (const SocketRecord& record : open_) {
      const ListenerKey key = key_of(record);
      if (lives_[key] == 1) {
        EXPECT_EQ(parts_.reported[key], whole_at_once_.reported[key]) << record.local.port;
      }
    }
    if (!with_events_) return;
    EXPECT_EQ(whole_at_once_.accounted.size(), cookies_);
    EXPECT_EQ(parts_.accounted, whole_at_once_.accounted)
        << "what closes while it is deferred is reported, too";
  }

  using Known = std::map<ListenerKey, std::pair<std::set<std::uint64_t>, VerdictKind>>;
  static Known known(const Watcher& watcher) {
    Known all;
    watcher.pipeline.ledger().for_each_kept([&all](const Listener& listener) {
      auto& [cookies, verdict] = all[listener.key];
      for (const SocketRecord& member : listener.members) cookies.insert(member.id.cookie);
      verdict = listener.verdict.kind;
    });
    return all;
  }

  std::mt19937 random_;
  bool with_events_;
  Watcher parts_{kIntake};
  Watcher whole_at_once_{Backlog::kNoLimit};
  std::vector<SocketRecord> open_;
  std::map<ListenerKey, int> lives_;
  std::uint64_t cookies_ = 0;
};

void run_stories(bool with_events) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Flood(seed, with_events).run(25);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(FloodTest, taken_in_by_parts_it_ends_as_if_it_were_taken_in_at_once) {
  run_stories(false);
}

TEST(FloodTest, with_events_no_socket_goes_unreported_either) {
  run_stories(true);
}

}  // namespace
}  // namespace sockwatch
