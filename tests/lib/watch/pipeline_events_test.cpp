// SPDX-License-Identifier: Apache-2.0
// What events add to the road: who opened it and when, and what no look has ever shown.
#include <gtest/gtest.h>

#include "lib/base/text.h"
#include "lib/policy/builtin.h"
#include "tests/fakes/transitions.h"
#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using Kind = SocketEvent::Kind;

class PipelineEventsTest : public Road {
 protected:
  SocketEvent event(Kind kind, const SocketRecord& record, std::optional<Holder> caller = {}) {
    SocketEvent made;
    made.kind = kind;
    made.record = record;
    made.time = clock_.now();
    made.caller = std::move(caller);
    clock_.advance(5ms);
    return made;
  }
  // Opened and closed, 5 ms apart.
  void pass_by(Pipeline& road, const SocketRecord& record, const std::optional<Holder>& caller = {}) {
    road.take(event(Kind::Opened, record, caller));
    road.take(event(Kind::Closed, record));
  }
  // The same with another lifetime.
  void live_for(Duration lifetime, Pipeline& road, const SocketRecord& record) {
    const SocketEvent opened = event(Kind::Opened, record);
    SocketEvent closed = event(Kind::Closed, record);
    closed.time = opened.time + lifetime;
    road.take(opened);
    road.take(closed);
  }
  // A process as an event tells of it: the last part of its path only.
  static Holder caller(std::int32_t pid) { return {{pid, 1000}, "nc", "nc.openbsd", 1000}; }

  // As the resolver tells him, who knows the names of users.
  static Holder named(std::int32_t pid) {
    Holder holder = caller(pid);
    holder.user = "1000";
    return holder;
  }

  // What is told of a socket that came and went on a machine with nothing else on it.
  Delta only_short_lived(const SocketRecord& record, const std::optional<Holder>& caller = {}) {
    Pipeline road = pipeline();
    poll(road, {});
    pass_by(road, record, caller);
    return poll(road, {});
  }
};

TEST_F(PipelineEventsTest, what_no_look_shows_is_told_with_owner_lifetime_and_verdict) {
  const Instant opened = clock_.now() + 250ms;
  const Delta delta = only_short_lived(evil_, caller(77));
  EXPECT_TRUE(delta.opened.empty());
  ASSERT_EQ(short_lived(delta).size(), 1U);
  const Listener gone = short_lived(delta)[0];
  EXPECT_EQ(gone.key, key_of(evil_));
  EXPECT_EQ(gone.opened, opened);
  EXPECT_EQ(gone.closed, opened + 5ms);
  EXPECT_EQ(gone.seen_by, EventSource::Bpf);
  EXPECT_EQ(gone.annotation.owner.state, OwnerState::Known);
  EXPECT_EQ(gone.annotation.owner.holders, std::vector<Holder>{named(77)});
  EXPECT_EQ(gone.verdict.kind, VerdictKind::Unexpected);
  EXPECT_FALSE(delta.empty());
}

TEST_F(PipelineEventsTest, it_is_told_once) {
  Pipeline road = pipeline();
  poll(road, {});
  pass_by(road, evil_);
  EXPECT_EQ(short_lived(poll(road, {})).size(), 1U);
  EXPECT_TRUE(poll(road, {}).empty());
}

TEST_F(PipelineEventsTest, it_is_judged_by_the_policy_as_everything) {
  Policy policy;
  policy.rules = {rule("lab", Action::Expect, 4444)};
  Pipeline road = pipeline(policy);
  poll(road, {});
  pass_by(road, evil_);
  EXPECT_EQ(short_lived(poll(road, {})).at(0).verdict.kind, VerdictKind::Expected);
}

TEST_F(PipelineEventsTest, a_caller_that_still_runs_has_his_whole_path) {
  run(77, "nc", evil_);
  const Delta delta = only_short_lived(evil_, caller(77));
  ASSERT_EQ(short_lived(delta).size(), 1U);
  EXPECT_EQ(short_lived(delta)[0].annotation.owner.holders.at(0).exe, "/usr/bin/nc");
}

TEST_F(PipelineEventsTest, without_a_caller_it_is_nobodys_and_says_so) {
  const Delta delta = only_short_lived(evil_);
  ASSERT_EQ(short_lived(delta).size(), 1U);
  EXPECT_EQ(short_lived(delta)[0].annotation.owner.state, OwnerState::Exited);
  EXPECT_TRUE(short_lived(delta)[0].annotation.owner.holders.empty());
  EXPECT_EQ(short_lived(delta)[0].annotation.owner.user, "");
}

// As the perf source tells it; by now the pid may be another's.
TEST_F(PipelineEventsTest, a_pid_without_its_start_time_names_nobody) {
  const Delta delta = only_short_lived(evil_, Holder{{77, 0}, "", "", 0});
  ASSERT_EQ(short_lived(delta).size(), 1U);
  EXPECT_TRUE(short_lived(delta)[0].annotation.owner.holders.empty());
  EXPECT_EQ(short_lived(delta)[0].annotation.owner.user, "");
}

TEST_F(PipelineEventsTest, a_pid_that_still_runs_is_asked_for_the_rest) {
  run(77, "nc", evil_);
  const Delta delta = only_short_lived(evil_, Holder{{77, 0}, "", "", 0});
  ASSERT_EQ(short_lived(delta).size(), 1U);
  const Holder holder = short_lived(delta)[0].annotation.owner.holders.at(0);
  EXPECT_EQ(holder.comm, "nc");
  EXPECT_EQ(holder.id.start_ticks, 1000U);
}

// The perf source tells no namespace.
TEST_F(PipelineEventsTest, where_the_place_is_not_known_the_callers_namespace_tells) {
  run(77, "nc", evil_);
  proc_.link("77/ns/net", "net:[1]");
  proc_.link("self/ns/net", "net:[2]");
  SocketRecord somewhere = evil_;
  somewhere.id = {};
  EXPECT_TRUE(short_lived(only_short_lived(somewhere, Holder{{77, 0}, "", "", 0})).empty());
  EXPECT_EQ(short_lived(only_short_lived(evil_, caller(77))).size(), 1U) << "a cookie is of one namespace";
}

TEST_F(PipelineEventsTest, what_a_look_shows_opened_when_the_event_says) {
  run(77, "nc", evil_);
  Pipeline road = pipeline();
  poll(road, {});
  const SocketEvent opening = event(Kind::Opened, evil_, caller(77));
  road.take(opening);
  const Delta delta = poll(road, {evil_});
  ASSERT_EQ(delta.opened.size(), 1U);
  EXPECT_EQ(delta.opened[0].opened, opening.time);
  EXPECT_EQ(delta.opened[0].first_seen, opening.time);
  EXPECT_EQ(delta.opened[0].seen_by, EventSource::Bpf);
  EXPECT_TRUE(short_lived(delta).empty());
  EXPECT_TRUE(poll(road, {evil_}).empty());
}

TEST_F(PipelineEventsTest, who_opened_it_and_is_gone_is_remembered_as_that) {
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Opened, evil_, caller(77)));
  const Delta first = poll(road, {evil_});
  ASSERT_EQ(first.opened.size(), 1U);
  EXPECT_EQ(first.opened[0].verdict.kind, VerdictKind::Pending) << "it may be closed by now";
  const Delta second = poll(road, {evil_});
  ASSERT_EQ(second.updated.size(), 1U);
  const Listener& stays = second.updated[0].after;
  EXPECT_TRUE(stays.annotation.owner.holders.empty());
  EXPECT_EQ(stays.annotation.owner.opener, named(77));
  EXPECT_EQ(stays.verdict.kind, VerdictKind::Unexpected);
}

TEST_F(PipelineEventsTest, what_is_closed_between_a_poll_and_the_search_is_its_openers) {
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Opened, evil_, caller(77)));
  poll(road, {evil_});
  road.take(event(Kind::Closed, evil_));
  poll(road, {});  // one that does not show it proves nothing
  const Delta delta = poll(road, {});
  ASSERT_EQ(short_lived(delta).size(), 1U);
  EXPECT_EQ(short_lived(delta)[0].annotation.owner.holders, std::vector<Holder>{named(77)});
  EXPECT_EQ(short_lived(delta)[0].verdict.kind, VerdictKind::Unexpected);
}

TEST_F(PipelineEventsTest, the_end_of_what_a_look_has_shown_is_no_short_life) {
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Opened, evil_));
  poll(road, {evil_});
  road.take(event(Kind::Closed, evil_));
  EXPECT_TRUE(short_lived(poll(road, {})).empty());
  EXPECT_TRUE(short_lived(poll(road, {})).empty());
}

TEST_F(PipelineEventsTest, an_event_that_comes_after_the_look_that_shows_it_is_no_news) {
  Pipeline road = pipeline();
  poll(road, {});
  poll(road, {evil_});
  pass_by(road, evil_);
  EXPECT_TRUE(short_lived(poll(road, {})).empty());
  EXPECT_TRUE(short_lived(poll(road, {})).empty());
}

// Two programs may bind one port with SO_REUSEADDR; the second listen(2) fails.
TEST_F(PipelineEventsTest, a_listen_that_the_kernel_refused_is_no_listener) {
  SocketRecord refused = evil_;
  refused.id.cookie = 9;
  for (const auto& [lifetime, told] : {std::pair<Duration, std::size_t>{150us, 0U}, {5ms, 1U}}) {
    Pipeline road = pipeline();
    poll(road, {evil_});
    live_for(lifetime, road, refused);
    EXPECT_EQ(short_lived(poll(road, {evil_})).size(), told) << to_string(lifetime);
  }
}

TEST_F(PipelineEventsTest, a_very_short_life_where_another_was_open_till_now_is_told) {
  SocketRecord next = evil_;
  next.id.cookie = 9;
  Pipeline road = pipeline();
  poll(road, {evil_});
  road.take(event(Kind::Closed, evil_));
  live_for(10us, road, next);
  EXPECT_EQ(short_lived(poll(road, {})).size(), 1U);
}

TEST_F(PipelineEventsTest, a_very_short_life_where_nobody_else_listens_is_told) {
  Pipeline road = pipeline();
  poll(road, {});
  live_for(10us, road, evil_);
  EXPECT_EQ(short_lived(poll(road, {})).size(), 1U);
}

TEST_F(PipelineEventsTest, udp_on_a_port_that_clients_get_is_ignored) {
  const std::pair<std::uint16_t, VerdictKind> cases[] = {
      {5353, VerdictKind::Unexpected}, {32767, VerdictKind::Unexpected}, {32768, VerdictKind::Ignored},
      {60999, VerdictKind::Ignored},   {61000, VerdictKind::Unexpected},
  };
  for (const auto& [port, verdict] : cases) {
    SocketRecord udp = listening(Protocol::Udp, "0.0.0.0", port, 5);
    udp.bind = Bind::Unknown;
    Pipeline road = pipeline();
    poll(road, {});
    road.take(event(Kind::Bound, udp));
    poll(road, {});
    poll(road, {});
    EXPECT_EQ(road.ask_for_unclear(), std::vector<SocketId>{udp.id});
    const Delta delta = road.settle_unclear({}, clock_.now());
    ASSERT_EQ(short_lived(delta).size(), 1U);
    EXPECT_EQ(short_lived(delta)[0].verdict.kind, verdict) << port;
  }
}

TEST_F(PipelineEventsTest, tcp_on_such_a_port_is_ignored_on_loopback_where_nobody_knows_who_chose_it) {
  const struct {
    const char* address;
    Bind bind;
    VerdictKind verdict;
  } cases[] = {{"127.0.0.1", Bind::Unknown, VerdictKind::Ignored},
               {"127.0.0.1", Bind::Explicit, VerdictKind::Unexpected},
               {"0.0.0.0", Bind::Unknown, VerdictKind::Unexpected}};
  for (const auto& wanted : cases) {
    SocketRecord tcp = listening(Protocol::Tcp, wanted.address, 40000, 5);
    tcp.bind = wanted.bind;
    const Delta delta = only_short_lived(tcp);
    ASSERT_EQ(short_lived(delta).size(), 1U);
    EXPECT_EQ(short_lived(delta)[0].verdict.kind, wanted.verdict) << wanted.address;
  }
}

TEST_F(PipelineEventsTest, a_rule_about_such_a_port_wins) {
  Policy policy;
  policy.rules = {rule("no", Action::Alert, 40000)};
  SocketRecord tcp = listening(Protocol::Tcp, "127.0.0.1", 40000, 5);
  tcp.bind = Bind::Unknown;
  Pipeline road = pipeline(policy);
  poll(road, {});
  pass_by(road, tcp);
  EXPECT_EQ(short_lived(poll(road, {})).at(0).verdict.kind, VerdictKind::Unexpected);
}

TEST_F(PipelineEventsTest, a_udp_socket_found_among_the_connections_is_a_client) {
  const SocketRecord udp = listening(Protocol::Udp, "0.0.0.0", 5353, 5);
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Bound, udp));
  poll(road, {});
  poll(road, {});
  const auto asked = road.ask_for_unclear();
  EXPECT_TRUE(road.settle_unclear(asked, clock_.now()).empty());
}

TEST_F(PipelineEventsTest, a_udp_port_that_the_kernel_had_no_choice_about_is_one_that_its_program_chose) {
  SocketRecord shown = listening(Protocol::Udp, "0.0.0.0", 44444, 5);
  shown.bind = Bind::Assigned;
  SocketRecord told = shown;
  told.bind = Bind::Explicit;
  for (const bool event_first : {true, false}) {
    Policy policy;
    policy.rules = {rule("no", Action::Alert, 44444)};
    policy.built_in = built_in_rules({});
    Pipeline road = pipeline(policy);
    poll(road, {});
    if (event_first) road.take(event(Kind::Bound, told));
    poll(road, {shown});
    if (!event_first) road.take(event(Kind::Bound, told));
    poll(road, {shown});
    poll(road, {shown});
    const Listener known = road.ledger().listeners().at(0);
    EXPECT_EQ(known.bind(), Bind::Explicit) << event_first;
    EXPECT_EQ(known.verdict.kind, VerdictKind::Unexpected) << event_first;
  }
}

TEST_F(PipelineEventsTest, a_socket_that_gets_its_peer_at_once_is_a_client_on_whatever_port) {
  const SocketRecord query = listening(Protocol::Udp, "0.0.0.0", 5353, 5);
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Bound, query));
  road.take(event(Kind::Connected, query));
  EXPECT_TRUE(short_lived(poll(road, {})).empty());
  EXPECT_TRUE(short_lived(poll(road, {})).empty());
  EXPECT_TRUE(road.ask_for_unclear().empty());
}

TEST_F(PipelineEventsTest, a_poll_between_bind_and_connect_of_a_client_shows_no_listener) {
  const SocketRecord query = listening(Protocol::Udp, "0.0.0.0", 3730, 5);
  run(77, "resolver", query);
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Bound, query, caller(77)));
  ASSERT_EQ(poll(road, {query}).opened.size(), 1U);
  EXPECT_EQ(road.ledger().listeners()[0].verdict.kind, VerdictKind::Pending);
  SocketEvent connected = event(Kind::Connected, query);
  connected.time = connected.time + -240ms;  // while that poll went on
  road.take(connected);
  for (int i = 0; i < 4; ++i) {
    const Delta delta = poll(road, {});
    EXPECT_TRUE(short_lived(delta).empty());
    EXPECT_TRUE(delta.closed.empty());
  }
  EXPECT_TRUE(road.ledger().listeners().empty());
}

TEST_F(PipelineEventsTest, a_udp_listener_that_stays_without_a_peer_is_unexpected_at_the_next_poll) {
  const SocketRecord service = listening(Protocol::Udp, "0.0.0.0", 3730, 5);
  run(77, "backdoor", service);
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Bound, service, caller(77)));
  poll(road, {service});
  const Delta delta = poll(road, {service});
  ASSERT_EQ(delta.updated.size(), 1U);
  EXPECT_EQ(delta.updated[0].after.verdict.kind, VerdictKind::Unexpected);
}

TEST_F(PipelineEventsTest, one_that_gets_its_peer_late_has_waited_for_strangers) {
  const SocketRecord service = listening(Protocol::Udp, "0.0.0.0", 3730, 5);
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Bound, service));
  poll(road, {service});
  road.take(event(Kind::Connected, service));
  poll(road, {});
  EXPECT_EQ(short_lived(poll(road, {})).size(), 1U);
}

TEST_F(PipelineEventsTest, a_udp_port_of_a_moment_is_told_by_the_next_poll) {
  const SocketRecord service = listening(Protocol::Udp, "0.0.0.0", 5353, 5);
  Pipeline road = pipeline();
  poll(road, {});
  road.take(event(Kind::Bound, service));
  road.take(event(Kind::Closed, service));
  const Delta delta = poll(road, {});
  ASSERT_EQ(short_lived(delta).size(), 1U);
  EXPECT_EQ(short_lived(delta)[0].verdict.kind, VerdictKind::Unexpected);
}

TEST_F(PipelineEventsTest, of_a_protocol_that_is_not_watched_nothing_is_kept) {
  Pipeline road = pipeline();
  PipelineSettings settings;
  settings.families = {Protocol::Tcp};
  (void)road.reload({}, settings, ServiceTable(), clock_.now());
  poll(road, {});
  road.take(event(Kind::Bound, listening(Protocol::Udp, "0.0.0.0", 5353, 5)));
  poll(road, {});
  poll(road, {});
  EXPECT_TRUE(road.ask_for_unclear().empty());
  pass_by(road, evil_);
  EXPECT_EQ(short_lived(poll(road, {})).size(), 1U);
}

}  // namespace
}  // namespace sockwatch
