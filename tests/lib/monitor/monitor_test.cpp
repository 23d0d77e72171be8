// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/monitor.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_feed.h"
#include "tests/fakes/sockets.h"
#include "tests/fakes/transitions.h"
#include "tests/lib/monitor/scripted_source.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr LookKind kListeners = LookKind::Listeners;
constexpr LookKind kConnections = LookKind::Connections;

SocketRecord connection(std::uint16_t local_port, std::uint16_t remote_port) {
  SocketRecord record = listening(Protocol::Tcp, "10.0.0.1", local_port, 1000U + remote_port);
  record.state = SocketState::Established;
  record.remote = {ip("203.0.113.9"), remote_port, 0};
  return record;
}

// A monitor with a script for each kind of look, and one rule: ssh is expected.
class MonitorTest : public testing::Test {
 protected:
  MonitorTest() : monitor_(Monitor::Sources{&listeners_, &connections_}, pipeline()) {}

  static Policy policy() {
    Rule ssh;
    ssh.name = "ssh";
    ssh.action = Action::Expect;
    ssh.ports = {{22, 22, std::nullopt}};
    Policy made;
    made.rules = {ssh};
    return made;
  }
  static Pipeline pipeline() { return {Annotator(ServiceTable(), std::nullopt), policy(), {30s, 0s}}; }

  Monitor::Finished look(LookKind kind) { return monitor_.look(kind, clock_); }
  LookTotals totals(LookKind kind) {
    return monitor_.view(clock_.now()).totals.looks[static_cast<std::size_t>(kind)];
  }
  std::uint64_t polls(LookKind kind, LookResult result) {
    return totals(kind).polls[static_cast<std::size_t>(result)];
  }

  FakeClock clock_;
  ScriptedSource listeners_;
  ScriptedSource connections_;
  Monitor monitor_;
  const SocketRecord ssh_ = listening(Protocol::Tcp, "0.0.0.0", 22, 1);
  const SocketRecord evil_ = listening(Protocol::Tcp, "0.0.0.0", 4444, 2);
};

TEST_F(MonitorTest, a_look_goes_in_steps_and_ends_in_a_delta) {
  listeners_.add({ssh_}, all_complete(), 3);
  EXPECT_TRUE(monitor_.can_start(kListeners));
  monitor_.start(kListeners, clock_.now());
  EXPECT_TRUE(monitor_.busy(kListeners));
  EXPECT_FALSE(monitor_.can_start(kListeners)) << "one look at a time";
  EXPECT_FALSE(monitor_.step(kListeners, 1, clock_));
  EXPECT_FALSE(monitor_.step(kListeners, 1, clock_));
  EXPECT_TRUE(monitor_.view(clock_.now()).listeners.empty()) << "nothing is known before the look is over";
  const auto finished = monitor_.step(kListeners, 1, clock_);
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->kind, kListeners);
  EXPECT_EQ(finished->result, LookResult::Complete);
  ASSERT_EQ(finished->delta.opened.size(), 1U);
  EXPECT_EQ(finished->delta.opened[0].key.local.port, 22);
  EXPECT_FALSE(monitor_.busy(kListeners));
  EXPECT_TRUE(monitor_.can_start(kListeners));
}

// Each part is short, so that the loop can do something else in between.
TEST_F(MonitorTest, what_is_read_is_prepared_in_parts_before_anything_is_known) {
  listeners_.add({ssh_});
  monitor_.start(kListeners, clock_.now());
  EXPECT_FALSE(monitor_.work(kListeners, 1));
  EXPECT_TRUE(monitor_.prepare(kListeners));
  while (monitor_.prepare(kListeners)) {
  }
  EXPECT_FALSE(monitor_.prepare(kListeners)) << "asked once more";
  EXPECT_TRUE(monitor_.busy(kListeners));
  EXPECT_TRUE(monitor_.view(clock_.now()).listeners.empty());
  EXPECT_EQ(monitor_.finish(kListeners, clock_).delta.opened.size(), 1U);
}

TEST_F(MonitorTest, looks_of_two_sources_do_not_wait_for_each_other) {
  connections_.add({}, all_complete(), 2);
  monitor_.start(kConnections, clock_.now());
  EXPECT_TRUE(monitor_.can_start(kListeners));
  listeners_.add({evil_});
  EXPECT_EQ(look(kListeners).delta.opened.size(), 1U);
  EXPECT_TRUE(monitor_.busy(kConnections));
}

TEST_F(MonitorTest, looks_of_a_shared_source_take_turns) {
  Monitor monitor({&listeners_, &listeners_}, pipeline());
  listeners_.add({ssh_});
  listeners_.add({connection(22, 40001)});
  monitor.start(kListeners, clock_.now());
  EXPECT_FALSE(monitor.can_start(kConnections));
  EXPECT_TRUE(monitor.step(kListeners, 1, clock_));
  EXPECT_TRUE(monitor.can_start(kConnections));
  monitor.look(kConnections, clock_);
  EXPECT_EQ(listeners_.kinds, (std::vector{kListeners, kConnections}));
  EXPECT_EQ(monitor.view(clock_.now()).connections.total, 1U);
}

TEST_F(MonitorTest, every_look_is_counted_by_its_result) {
  LookReport partial = blind("udp over IPv6", "interrupted");
  partial.complete[static_cast<std::size_t>(Protocol::Tcp)] = true;
  listeners_.add({});
  listeners_.add({}, partial);
  listeners_.add({}, partial);
  listeners_.add({}, blind("tcp", "broken"));
  for (const LookResult expected :
       {LookResult::Complete, LookResult::Partial, LookResult::Partial, LookResult::Failed}) {
    EXPECT_EQ(look(kListeners).result, expected);
  }
  monitor_.skipped(kListeners);
  monitor_.skipped(kConnections);
  EXPECT_EQ(totals(kListeners).polls, (PerWord<LookResult, std::uint64_t>{1, 2, 1, 1}));
  EXPECT_EQ(totals(kConnections).polls, (PerWord<LookResult, std::uint64_t>{0, 0, 0, 1}));
}

TEST_F(MonitorTest, a_failed_look_closes_nothing) {
  listeners_.add({ssh_, evil_});
  look(kListeners);
  for (int i = 0; i < 3; ++i) {
    clock_.advance(1min);
    listeners_.add({}, blind("tcp", "broken"));
    EXPECT_TRUE(look(kListeners).delta.empty());
  }
  EXPECT_EQ(monitor_.view(clock_.now()).listeners.size(), 2U);
}

TEST_F(MonitorTest, after_a_failed_look_at_connections_the_last_counts_stay) {
  connections_.add({connection(22, 40001), connection(50000, 443)});
  connections_.add({}, blind("tcp", "broken"));
  look(kConnections);
  look(kConnections);
  EXPECT_EQ(monitor_.view(clock_.now()).connections.total, 2U);
}

TEST_F(MonitorTest, what_cannot_be_seen_is_that_of_the_last_look_of_each_kind) {
  listeners_.add({}, blind("tcp listeners", "a"));
  listeners_.add({});
  connections_.add({}, blind("tcp connections", "b"));
  look(kListeners);
  look(kConnections);
  EXPECT_EQ(monitor_.unseen(), (std::vector<Unseen>{{"tcp listeners", "a"}, {"tcp connections", "b"}}));
  look(kListeners);
  EXPECT_EQ(monitor_.unseen(), (std::vector<Unseen>{{"tcp connections", "b"}}));
  EXPECT_EQ(monitor_.view(clock_.now()).unseen, monitor_.unseen());
}

TEST_F(MonitorTest, a_look_takes_as_long_as_the_clock_says) {
  listeners_.add({}, all_complete(), 2);
  monitor_.start(kListeners, clock_.now());
  clock_.advance(20ms);
  EXPECT_FALSE(monitor_.step(kListeners, 1, clock_));
  clock_.advance(10ms);
  EXPECT_TRUE(monitor_.step(kListeners, 1, clock_));
  EXPECT_DOUBLE_EQ(totals(kListeners).duration.sum, 0.03);
  EXPECT_DOUBLE_EQ(totals(kConnections).duration.sum, 0);
}

TEST_F(MonitorTest, only_a_look_that_saw_something_is_a_success_and_its_time_is_its_start) {
  listeners_.add({}, all_complete(), 2);
  listeners_.add({}, blind("tcp", "broken"));
  EXPECT_FALSE(totals(kListeners).last_success);
  const Instant began = clock_.now();
  monitor_.start(kListeners, began);
  EXPECT_FALSE(monitor_.step(kListeners, 1, clock_));
  clock_.advance(5s);
  EXPECT_TRUE(monitor_.step(kListeners, 1, clock_));
  look(kListeners);
  EXPECT_EQ(totals(kListeners).last_success, began);
}

TEST_F(MonitorTest, events_and_their_latency_are_counted) {
  listeners_.add({ssh_});
  listeners_.add({ssh_, evil_});
  look(kListeners);
  clock_.advance(250ms);
  look(kListeners);
  const Totals totals = monitor_.view(clock_.now()).totals;
  const auto& opened = totals.events[static_cast<std::size_t>(Event::ListenerOpened)];
  EXPECT_EQ(opened[static_cast<std::size_t>(VerdictKind::Unexpected)], 1U);
  EXPECT_EQ(opened[static_cast<std::size_t>(VerdictKind::Expected)], 0U) << "it was there before";
  EXPECT_DOUBLE_EQ(totals.detection_latency[static_cast<std::size_t>(EventSource::Poll)].sum, 0.25);
}

TEST_F(MonitorTest, an_event_says_when_and_by_what_the_next_looks_listener_was_seen_first) {
  listeners_.add({});
  look(kListeners);
  clock_.advance(100ms);
  SocketEvent event;
  event.time = clock_.now();
  event.record = evil_;
  monitor_.events().accept(event);
  clock_.advance(3ms);
  listeners_.add({evil_});
  const Delta delta = look(kListeners).delta;
  ASSERT_EQ(delta.opened.size(), 1U);
  EXPECT_EQ(delta.opened[0].opened, event.time);
  EXPECT_EQ(delta.opened[0].seen_by, EventSource::Bpf);
}

TEST_F(MonitorTest, what_opens_and_closes_between_two_looks_is_told_by_the_next_one) {
  listeners_.add({});
  look(kListeners);
  SocketEvent event;
  event.time = clock_.now();
  event.record = evil_;
  monitor_.events().accept(event);
  clock_.advance(100ms);
  event.kind = SocketEvent::Kind::Closed;
  event.time = clock_.now();
  monitor_.events().accept(event);
  listeners_.add({});
  const Delta delta = look(kListeners).delta;
  ASSERT_EQ(short_lived(delta).size(), 1U);
  EXPECT_EQ(short_lived(delta)[0].key.local.port, 4444);
  EXPECT_EQ(short_lived(delta)[0].closed, event.time);
  const auto& events = monitor_.view(clock_.now()).totals.events;
  EXPECT_EQ(events[static_cast<std::size_t>(Event::ListenerShortLived)]
                  [static_cast<std::size_t>(VerdictKind::Unexpected)],
            1U);
}

TEST_F(MonitorTest, all_events_are_heard_before_what_a_look_shows_is_compared) {
  ScriptedFeed feed;
  monitor_.follow(feed);
  listeners_.add({});
  look(kListeners);
  listeners_.add({evil_}, all_complete(), 2);
  monitor_.start(kListeners, clock_.now());
  EXPECT_FALSE(monitor_.step(kListeners, 1, clock_));
  clock_.advance(1ms);  // it opens while the look goes on
  SocketEvent event;
  event.time = clock_.now();
  event.record = listening(Protocol::Tcp, "0.0.0.0", 80, 99);
  feed.waiting = {event, event};
  feed.waiting[1].record = evil_;
  const auto finished = monitor_.step(kListeners, 1, clock_);
  ASSERT_TRUE(finished);
  ASSERT_EQ(finished->delta.opened.size(), 1U);
  EXPECT_EQ(finished->delta.opened[0].seen_by, EventSource::Bpf);
  EXPECT_EQ(monitor_.heard(), 2U);
  EXPECT_FALSE(monitor_.hear(1ms));
}

TEST_F(MonitorTest, a_flood_of_events_keeps_no_look_from_its_end_and_is_read_on_later) {
  ScriptedFeed flood;
  flood.endless = true;
  flood.waiting.emplace_back().kind = SocketEvent::Kind::Closed;
  monitor_.follow(flood);
  listeners_.add({});
  look(kListeners);
  EXPECT_TRUE(monitor_.hear(Duration(0))) << "there is more";
}

TEST_F(MonitorTest, only_a_complete_look_at_udp_settles_what_became_of_a_udp_socket) {
  const SocketRecord udp = listening(Protocol::Udp, "0.0.0.0", 53, 7);
  listeners_.add({});
  look(kListeners);
  SocketEvent event;
  event.kind = SocketEvent::Kind::Bound;
  event.time = clock_.now();
  event.record = udp;
  monitor_.events().accept(event);
  for (int i = 0; i < 2; ++i) {
    clock_.advance(1ms);
    listeners_.add({});
    look(kListeners);
  }
  LookReport torn = all_complete();
  torn.complete[static_cast<std::size_t>(Protocol::Udp)] = false;
  torn.unseen = {{"udp over IPv4", "Interrupted"}};
  connections_.add({}, torn);
  EXPECT_TRUE(short_lived(look(kConnections).delta).empty());
  connections_.add({});
  EXPECT_EQ(short_lived(look(kConnections).delta).size(), 1U);
}

TEST_F(MonitorTest, lost_events_are_a_total) {
  monitor_.lost_events(EventSource::Bpf, 5);
  monitor_.lost_events(EventSource::Bpf, 7);
  const auto& lost = monitor_.view(clock_.now()).totals.events_lost;
  EXPECT_EQ(lost[static_cast<std::size_t>(EventSource::Bpf)], 7U);
  EXPECT_EQ(lost[static_cast<std::size_t>(EventSource::Perf)], 0U);
}

TEST_F(MonitorTest, malformed_messages_add_up) {
  LookReport report = all_complete();
  report.malformed = 3;
  listeners_.add({}, report);
  connections_.add({}, report);
  look(kListeners);
  look(kConnections);
  EXPECT_EQ(monitor_.view(clock_.now()).totals.malformed_messages, 6U);
}

TEST_F(MonitorTest, the_view_shows_what_is_known) {
  listeners_.add({evil_, ssh_});
  connections_.add({connection(22, 40001), connection(50000, 443)});
  look(kListeners);
  look(kConnections);
  clock_.advance(1s);
  const View view = monitor_.view(clock_.now());
  EXPECT_EQ(view.time, clock_.now());
  ASSERT_EQ(view.listeners.size(), 2U);
  EXPECT_EQ(view.listeners[0].key.local.port, 22);
  EXPECT_EQ(view.listeners[0].verdict.kind, VerdictKind::Expected);
  EXPECT_EQ(view.listeners[0].annotation.service->name, "ssh");
  EXPECT_TRUE(view.listeners[0].last_connection);
  EXPECT_EQ(view.listeners[1].verdict.kind, VerdictKind::Unexpected);
  ASSERT_EQ(view.connections.by_service.size(), 2U);
  EXPECT_EQ(view.connections.by_service[0].port_name, "ssh");
  EXPECT_EQ(view.connections.by_service[1].port_name, "https");
  EXPECT_EQ(view.config.policy_rules, 1U);
  EXPECT_EQ(view.config.policy_hash, policy_hash(policy()));
  EXPECT_EQ(view.namespaces_watched, 1U);
}

TEST_F(MonitorTest, required_rules_without_a_listener_are_missing_in_the_view) {
  Policy wanted = policy();
  wanted.rules[0].required = true;
  Monitor monitor({&listeners_, &connections_}, {Annotator(ServiceTable(), std::nullopt), wanted, {30s, 0s}});
  listeners_.add({});
  listeners_.add({});
  monitor.look(kListeners, clock_);
  EXPECT_TRUE(monitor.view(clock_.now()).missing.empty());
  EXPECT_EQ(monitor.view(clock_.now()).required, std::vector<std::string>{"ssh"});
  clock_.advance(30s);
  EXPECT_EQ(monitor.look(kListeners, clock_).delta.missing.size(), 1U);
  ASSERT_EQ(monitor.view(clock_.now()).missing.size(), 1U);
  EXPECT_EQ(monitor.view(clock_.now()).missing[0].rule, "ssh");
}

TEST_F(MonitorTest, a_reload_judges_what_is_known_again) {
  listeners_.add({ssh_, evil_});
  look(kListeners);
  Policy other = policy();
  other.rules[0].ports = {{4444, 4444, std::nullopt}};
  const Delta delta = monitor_.reload(other, {30s, 0s}, ServiceTable(), clock_.now());
  EXPECT_EQ(delta.cause, Cause::Reload);
  EXPECT_EQ(delta.updated.size(), 2U);
  EXPECT_EQ(monitor_.view(clock_.now()).listeners[0].verdict.kind, VerdictKind::Unexpected);
  EXPECT_EQ(monitor_.view(clock_.now()).config.policy_hash, policy_hash(other));
}

TEST_F(MonitorTest, what_must_survive_a_restart_is_what_was_learned_and_what_is_open) {
  Pipeline learning = pipeline();
  learning.learn_at_first_look();
  Monitor monitor({&listeners_, &connections_}, std::move(learning));
  listeners_.add({ssh_, evil_});
  monitor.look(kListeners, clock_);
  const Memory memory = monitor.memory();
  EXPECT_EQ(memory.known.size(), 2U);
  EXPECT_TRUE(
      memory.learned.contains({"host", Protocol::Tcp, "4444", Scope::Any, "", "", {"", true, false}}));
  EXPECT_EQ(memory.learned.size(), 1U) << "a rule names the other";
}

}  // namespace
}  // namespace sockwatch
