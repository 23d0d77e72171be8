// SPDX-License-Identifier: Apache-2.0
#include "daemon/polling.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_reactor.h"
#include "tests/fakes/open_sockets.h"
#include "tests/fakes/scripted_feed.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

WatchSettings settings() {
  WatchSettings made;
  made.listeners = 250ms;
  made.connections = 10s;
  return made;
}

class PollingTest : public testing::Test {
 protected:
  void begin(EventFeed* feed = nullptr) {
    polling_.emplace(Polling::Parts{monitor_, feed}, clock_, settings(),
                     Polling::Hooks{[this](const Monitor::Finished& poll) {
                                      for (const Listener& each : poll.delta.opened)
                                        opened_.push_back(each.key.local.port);
                                    },
                                    [this](const std::string& part, const std::optional<std::string>& why) {
                                      troubles_.erase(part);
                                      if (why) troubles_.emplace(part, *why);
                                    }});
    ASSERT_TRUE(polling_->connect(loop_).ok());
    (void)polling_->first_poll();
    polling_->begin();
  }
  void open(std::uint16_t port) {
    listeners_.open.push_back(listening(Protocol::Tcp, "0.0.0.0", port, port));
  }

  FakeClock clock_;
  FakeReactor loop_{clock_};
  OpenSockets listeners_;
  OpenSockets connections_;
  ScriptedFeed feed_;
  Monitor monitor_{Monitor::Sources{&listeners_, &connections_},
                   {Annotator(ServiceTable(), std::nullopt), {}, {}}};
  std::optional<Polling> polling_;
  std::vector<std::uint32_t> opened_;
  std::map<std::string, std::string> troubles_;
};

TEST_F(PollingTest, each_kind_is_polled_at_its_own_pace) {
  begin();
  loop_.run_for(20s);
  EXPECT_GE(listeners_.polls, 70);
  EXPECT_LE(listeners_.polls, 82) << "every 250 ms";
  EXPECT_GE(connections_.polls, 2);
  EXPECT_LE(connections_.polls, 3) << "at once, and every 10 s";
}

TEST_F(PollingTest, what_opens_is_found_by_the_next_poll) {
  begin();
  open(4444);
  EXPECT_TRUE(opened_.empty());
  loop_.run_for(300ms);
  EXPECT_EQ(opened_, std::vector<std::uint32_t>{4444});
}

TEST_F(PollingTest, an_event_brings_the_next_poll_at_once) {
  begin(&feed_);
  loop_.run_for(5s);
  open(4444);
  SocketEvent event;
  event.time = clock_.now();
  event.record = listeners_.open.back();
  feed_.waiting = {event};
  loop_.make_readable(feed_.fd());
  loop_.run_for(20ms);
  EXPECT_EQ(opened_, std::vector<std::uint32_t>{4444});
}

TEST_F(PollingTest, as_long_as_events_report_everything_polls_come_less_often) {
  begin(&feed_);
  loop_.run_for(20s);
  EXPECT_LE(listeners_.polls, 22) << "every second";
}

TEST_F(PollingTest, lost_events_are_trouble_for_a_minute_and_polls_come_as_often_as_without_any) {
  begin(&feed_);
  feed_.lost_events = 7;
  loop_.run_for(2s);
  EXPECT_TRUE(troubles_.contains("events"));
  const int polls = listeners_.polls;
  loop_.run_for(20s);
  EXPECT_GE(listeners_.polls - polls, 70);
  EXPECT_TRUE(troubles_.contains("events"));
  loop_.run_for(1min);
  EXPECT_TRUE(troubles_.empty());
}

TEST_F(PollingTest, polls_that_are_late_for_long_are_trouble_until_they_are_in_time) {
  begin();
  for (int polls = 0; polls < 10; ++polls) {
    clock_.advance(4s);  // the machine does something else
    loop_.run_for(0s);
  }
  EXPECT_TRUE(troubles_.contains("polls of listeners in time"));
  loop_.run_for(5min);
  EXPECT_TRUE(troubles_.empty());
}

TEST_F(PollingTest, connections_are_read_by_a_thread_meanwhile) {
  begin();
  ASSERT_TRUE(polling_->start_thread(loop_).ok());
  loop_.run_for(0s);
  loop_.run_until([this] { return !monitor_.busy(LookKind::Connections); });
  EXPECT_EQ(connections_.polls, 1);
}

TEST_F(PollingTest, a_new_configuration_changes_the_pace) {
  begin();
  WatchSettings slow = settings();
  slow.listeners = 5s;
  polling_->configure(slow);
  loop_.run_for(1s);
  const int polls = listeners_.polls;
  loop_.run_for(20s);
  EXPECT_LE(listeners_.polls - polls, 5);
  EXPECT_EQ(polling_->interval(LookKind::Listeners), 5s);
}

}  // namespace
}  // namespace sockwatch
