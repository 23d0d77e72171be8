// SPDX-License-Identifier: Apache-2.0
#include "lib/web/event_stream.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class EventStreamTest : public ::testing::Test {
 protected:
  void publish(std::vector<Listener> listeners) {
    auto view = std::make_shared<View>();
    view->time = clock_.now();
    view->listeners_revision = std::to_string(listeners.size());
    view->listeners = std::move(listeners);
    board_.publish(std::move(view));
  }

  ViewBoard board_;
  FakeClock clock_;
  EventStream stream_{board_, clock_};
  Listener ssh_ = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
};

std::string name_of(const std::string& event) {
  return event.substr(0, event.find('\n'));
}

nlohmann::json data_of(const std::string& event) {
  return nlohmann::json::parse(event.substr(event.find("data: ") + 6));
}

TEST_F(EventStreamTest, says_nothing_before_the_first_look) {
  EXPECT_EQ(stream_.next(), "");
}

TEST_F(EventStreamTest, begins_with_what_is) {
  ssh_.verdict.kind = VerdictKind::Unexpected;
  publish({ssh_});
  const std::string event = stream_.next();
  EXPECT_EQ(name_of(event), "event: changed");
  EXPECT_TRUE(event.ends_with("}\n\n")) << event;
  EXPECT_EQ(data_of(event), nlohmann::json({{"schema", 1},
                                            {"time", "2026-01-01T00:00:00.000Z"},
                                            {"revision", revision_of(*board_.current())},
                                            {"listeners", 1},
                                            {"unexpected", 1},
                                            {"complete", true}}));
}

TEST_F(EventStreamTest, a_view_like_the_last_is_not_worth_a_word) {
  publish({ssh_});
  (void)stream_.next();
  publish({ssh_});
  EXPECT_EQ(stream_.next(), "");
}

TEST_F(EventStreamTest, a_new_listener_is_told_at_once) {
  publish({});
  (void)stream_.next();
  publish({ssh_});
  EXPECT_EQ(name_of(stream_.next()), "event: changed");
  EXPECT_EQ(stream_.next(), "");
}

TEST_F(EventStreamTest, a_beat_comes_after_five_seconds_and_only_then) {
  publish({ssh_});
  (void)stream_.next();
  clock_.advance(EventStream::kBeat - 1ms);
  EXPECT_EQ(stream_.next(), "");
  clock_.advance(1ms);
  EXPECT_EQ(name_of(stream_.next()), "event: beat");
  EXPECT_EQ(stream_.next(), "");
}

TEST_F(EventStreamTest, who_comes_late_is_told_the_last_state_once) {
  publish({ssh_});
  publish({});
  publish({ssh_});
  EventStream late(board_, clock_);
  EXPECT_EQ(data_of(late.next())["listeners"], 1);
  EXPECT_EQ(late.next(), "");
}

TEST(RevisionOf, differs_with_the_listeners_and_with_what_is_missing_or_unseen) {
  View missing;
  missing.missing.emplace_back().rule = "ssh";
  View unseen;
  unseen.unseen = {{"tcp over IPv6", "no permission"}};
  View other;
  other.listeners_revision = std::string("beef");
  EXPECT_NE(revision_of(other), revision_of(View()));
  EXPECT_NE(revision_of(missing), revision_of(View()));
  EXPECT_NE(revision_of(unseen), revision_of(View()));
}

}  // namespace
}  // namespace sockwatch
