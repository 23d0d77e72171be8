// SPDX-License-Identifier: Apache-2.0
#include "daemon/publishing.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_reactor.h"
#include "tests/fakes/open_sockets.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class PublishingTest : public testing::Test {
 protected:
  PublishingTest() {
    families_.how.fill(Sight::SockDiag);
    listeners_.open = {listening(Protocol::Tcp, "0.0.0.0", 22, 1)};
    monitor_.look(LookKind::Listeners, clock_);
  }

  FakeClock clock_;
  FakeReactor loop_{clock_};
  OpenSockets listeners_;
  Monitor monitor_{Monitor::Sources{&listeners_, &listeners_},
                   {Annotator(ServiceTable(), std::nullopt), {}, {}}};
  Alerting alerting_{clock_,
                     [](const std::function<void()>&, const std::function<std::set<std::string>()>&) {
                       return std::vector<std::unique_ptr<AlertSink>>();
                     },
                     Alerting::Hooks{[](const Listener&) { return std::string(); }, nullptr,
                                     [] { return std::set<std::string>(); }, [] {}}};
  Polling polling_{Polling::Parts{monitor_}, clock_, WatchSettings(),
                   Polling::Hooks{[](const Monitor::Finished&) {},
                                  [](const std::string&, const std::optional<std::string>&) {}}};
  ViewBoard board_;
  FamilySight families_;
  int published_ = 0;
  Publishing publishing_{Publishing::Parts{monitor_, alerting_, polling_, board_, clock_,
                                           [this] {
                                             return SocketFacts{SocketSource::ProcNet, families_};
                                           },
                                           [this] { ++published_; }}};
};

TEST_F(PublishingTest, a_view_has_what_every_part_knows) {
  ASSERT_TRUE(alerting_.connect(loop_).ok());
  alerting_.degraded("some part", "some reason");
  publishing_.config.last_reload_successful = false;
  publishing_.config.last_reload_success = clock_.now().wall;
  publishing_.owner_source = OwnerSource::Bpf;
  publishing_.event_source = EventSource::Perf;
  publishing_.publish();
  const auto view = board_.current();
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(view->listeners.size(), 1U);
  EXPECT_FALSE(view->config.last_reload_successful);
  EXPECT_EQ(view->config.last_reload_success, clock_.now().wall);
  EXPECT_EQ(view->config.policy_hash.size(), 16U) << "as the monitor says";
  EXPECT_EQ(view->owner_source, OwnerSource::Bpf);
  EXPECT_EQ(view->event_source, EventSource::Perf);
  EXPECT_EQ(view->socket_source, SocketSource::ProcNet);
  EXPECT_EQ(view->families, families_.how);
  EXPECT_EQ(view->recent_alerts->total, 1U);
  EXPECT_EQ(view->totals.looks[0].interval, polling_.interval(LookKind::Listeners));
  EXPECT_EQ(published_, 1) << "readers were woken";
  EXPECT_NE(publishing_.status().find("Watching 1 listeners"), std::string::npos);
}

TEST_F(PublishingTest, without_news_once_a_second_is_enough) {
  publishing_.publish_if_due();
  publishing_.publish_if_due();
  EXPECT_EQ(published_, 1);
  clock_.advance(1s);
  publishing_.publish_if_due();
  EXPECT_EQ(published_, 2);
  publishing_.publish();
  EXPECT_EQ(published_, 3);
}

TEST_F(PublishingTest, what_a_kernel_does_not_tell_is_out_of_sight_where_there_is_any) {
  families_.untold = {{Protocol::Tcp, {"MPTCP of tcp", "not built in"}},
                      {Protocol::Packet, {"promiscuity", "no"}}};
  publishing_.publish();
  ASSERT_EQ(board_.current()->unseen.size(), 1U);
  EXPECT_EQ(board_.current()->unseen[0].what, "MPTCP of tcp");
}

}  // namespace
}  // namespace sockwatch
