// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/pipeline.h"

#include <gtest/gtest.h>

#include "lib/policy/builtin.h"
#include "tests/fakes/fake_socket_searcher.h"
#include "tests/fakes/transitions.h"
#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

using PipelineTest = Road;

TEST_F(PipelineTest, a_new_listener_is_annotated_and_judged_on_its_way_into_the_ledger) {
  run(77, "nc", evil_);
  Pipeline road = pipeline();
  poll(road, {});
  const Delta delta = poll(road, {evil_});
  ASSERT_EQ(delta.opened.size(), 1U);
  const Listener& opened = delta.opened[0];
  EXPECT_EQ(opened.annotation.category, Category::Registered);
  EXPECT_EQ(opened.annotation.scope, Scope::Any);
  ASSERT_EQ(opened.annotation.owner.holders.size(), 1U);
  EXPECT_EQ(opened.annotation.owner.holders[0].comm, "nc");
  EXPECT_EQ(opened.verdict.kind, VerdictKind::Unexpected);
  EXPECT_EQ(road.ledger().listeners()[0].verdict, opened.verdict);
  EXPECT_FALSE(road.unsettled());
}

TEST_F(PipelineTest, the_very_first_look_learns_what_no_rule_names) {
  run(70, "sshd", ssh_);
  run(71, "nc", evil_);
  Policy policy;
  policy.rules = {rule("no-4444", Action::Alert, 4444)};
  Pipeline road = pipeline(policy);
  road.learn_at_first_look();
  const Delta delta = poll(road, {ssh_, evil_});
  ASSERT_EQ(delta.learned.size(), 1U);
  EXPECT_EQ(delta.learned[0].key.local.port, 22);
  EXPECT_EQ(delta.opened[0].verdict.kind, VerdictKind::Expected);
  EXPECT_EQ(delta.opened[0].verdict.rule, "learned");
  EXPECT_EQ(delta.opened[1].verdict.kind, VerdictKind::Unexpected) << "a rule against it wins over learning";
}

TEST_F(PipelineTest, only_the_first_look_learns) {
  Pipeline road = pipeline();
  road.learn_at_first_look();
  poll(road, {});
  const Delta delta = poll(road, {evil_});
  EXPECT_TRUE(delta.learned.empty());
  EXPECT_NE(delta.opened[0].verdict.kind, VerdictKind::Expected);
}

TEST_F(PipelineTest, what_a_torn_first_look_missed_is_learned_from_the_next_but_not_for_ever) {
  run(70, "sshd", ssh_);
  Pipeline road = pipeline();
  road.learn_at_first_look();
  whole_ = false;
  EXPECT_TRUE(poll(road, {}).learned.empty());
  EXPECT_EQ(poll(road, {ssh_}).learned.size(), 1U);
  EXPECT_TRUE(poll(road, {ssh_}).learned.empty());
  EXPECT_TRUE(poll(road, {ssh_, evil_}).learned.empty()) << "three looks at most";
}

// A machine may be made so dear to search that the first poll cannot wait for it. What opens meanwhile is
// news.
TEST_F(PipelineTest, while_the_owners_of_the_first_poll_are_sought_nothing_else_is_learned) {
  FakeSearcher::Knowledge knows;
  knows.held = {{ssh_.inode, {{70, 1000}, "sshd", "/usr/sbin/sshd", 0}}};
  knows.cost = 502'000;  // steps: more than the first poll has, and less than the first two
  OwnerResolver resolver(proc_.open(), std::nullopt, UserNames(etc_.open()));
  resolver.use(std::make_unique<FakeSearcher>(knows));
  Pipeline road(Annotator(ServiceTable(), std::move(resolver)), {}, {});
  road.learn_at_first_look();
  const Delta first = poll(road, {ssh_});
  ASSERT_EQ(first.opened.at(0).annotation.owner.state, OwnerState::Budget);
  EXPECT_TRUE(first.learned.empty());
  const Delta second = poll(road, {ssh_, evil_});
  ASSERT_EQ(second.learned.size(), 1U);
  EXPECT_EQ(second.learned[0].key, key_of(ssh_));
  for (int poll_number = 3; poll_number < 6; ++poll_number)
    EXPECT_TRUE(poll(road, {ssh_, evil_}).learned.empty());
}

TEST_F(PipelineTest, another_program_on_a_learned_port_is_unexpected) {
  run(70, "sshd", ssh_);
  Pipeline road = pipeline();
  road.learn_at_first_look();
  poll(road, {ssh_});
  SocketRecord stolen = ssh_;
  stolen.id.cookie = 9;
  stolen.inode = 999;
  run(666, "nc", stolen);
  const Delta delta = poll(road, {stolen});
  ASSERT_EQ(delta.replaced.size(), 1U);
  EXPECT_EQ(delta.replaced[0].before.annotation.owner.holders[0].comm, "sshd");
  EXPECT_EQ(delta.replaced[0].after.annotation.owner.holders[0].comm, "nc");
  EXPECT_EQ(delta.replaced[0].after.verdict.kind, VerdictKind::Unexpected);
}

TEST_F(PipelineTest, the_same_program_on_new_sockets_is_expected_twenty_times_over) {
  SocketRecord socket = ssh_;
  run(70, "sshd", socket);
  Pipeline road = pipeline();
  road.learn_at_first_look();
  poll(road, {socket});
  for (std::int32_t generation = 1; generation <= 20; ++generation) {
    poll(road, {});
    socket.id.cookie += 1;
    socket.inode += 1;
    run(70 + generation, "sshd", socket);
    const Delta delta = poll(road, {socket});
    ASSERT_EQ(delta.replaced.size(), 1U) << generation;
    EXPECT_EQ(delta.replaced[0].after.verdict.kind, VerdictKind::Expected) << generation;
    EXPECT_TRUE(delta.opened.empty());
    EXPECT_TRUE(delta.closed.empty());
  }
}

TEST_F(PipelineTest, a_verdict_that_hangs_on_an_unknown_owner_waits_and_is_then_given) {
  Policy policy;
  policy.rules = {rule("nc", Action::Expect, 4444)};
  policy.rules[0].exes = {"/usr/bin/nc"};
  Pipeline road = pipeline(policy);
  poll(road, {});
  EXPECT_EQ(poll(road, {evil_}).opened[0].verdict.kind, VerdictKind::Pending);
  EXPECT_TRUE(road.unsettled());
  EXPECT_TRUE(poll(road, {evil_}).empty()) << "still nobody: nothing to tell";
  run(77, "nc", evil_);
  const Delta found = poll(road, {evil_});
  ASSERT_EQ(found.updated.size(), 1U);
  EXPECT_EQ(found.updated[0].after.verdict.kind, VerdictKind::Expected);
  EXPECT_FALSE(road.unsettled());
}

TEST_F(PipelineTest, the_wait_for_an_owner_is_bounded) {
  Policy policy;
  policy.rules = {rule("nc", Action::Expect, 4444)};
  policy.rules[0].exes = {"/usr/bin/nc"};
  Pipeline road = pipeline(policy);
  poll(road, {});
  poll(road, {evil_});
  clock_.advance(2s);
  const Delta judged = poll(road, {evil_});
  ASSERT_EQ(judged.updated.size(), 1U);
  EXPECT_EQ(judged.updated[0].after.verdict.kind, VerdictKind::Unexpected);
  EXPECT_EQ(judged.updated[0].after.annotation.owner.state, OwnerState::Unexplained);
  EXPECT_FALSE(road.unsettled());
  EXPECT_TRUE(poll(road, {evil_}).empty());
}

TEST_F(PipelineTest, the_first_look_waits_for_a_search_that_takes_many_steps) {
  for (std::int32_t pid = 100; pid < 140; ++pid) add_process(proc_, {.pid = pid, .sockets = {1, 2, 3}});
  run(500, "sshd", ssh_);
  Pipeline road = pipeline({}, 10);
  const Delta delta = poll(road, {ssh_});
  EXPECT_EQ(delta.opened[0].annotation.owner.state, OwnerState::Known);
}

TEST_F(PipelineTest, the_first_look_ends_although_nobody_holds_one_of_its_sockets) {
  for (std::int32_t pid = 100; pid < 140; ++pid) add_process(proc_, {.pid = pid, .sockets = {3, 4, 5}});
  run(500, "sshd", ssh_);
  Pipeline road = pipeline({}, 10);
  const Delta delta = poll(road, {ssh_, evil_});
  EXPECT_EQ(delta.opened[0].annotation.owner.state, OwnerState::Known);
  EXPECT_EQ(delta.opened[1].annotation.owner.state, OwnerState::Unexplained);
}

TEST_F(PipelineTest, a_reload_judges_every_listener_again_and_tells_the_differences) {
  run(70, "sshd", ssh_);
  run(77, "nc", evil_);
  Pipeline road = pipeline();
  poll(road, {ssh_, evil_});
  Policy policy;
  policy.rules = {rule("lab", Action::Expect, 4444)};
  const Delta delta = road.reload(policy, {}, ServiceTable(), clock_.now());
  EXPECT_EQ(delta.cause, Cause::Reload);
  ASSERT_EQ(delta.updated.size(), 1U);
  EXPECT_EQ(delta.updated[0].before.verdict.kind, VerdictKind::Unexpected);
  EXPECT_EQ(delta.updated[0].after.verdict.kind, VerdictKind::Expected);
  EXPECT_EQ(delta.updated[0].after.verdict.rule, "lab");
  EXPECT_TRUE(poll(road, {ssh_, evil_}).empty());
}

TEST_F(PipelineTest, a_restart_judges_what_is_known_by_the_policy_of_now) {
  run(77, "nc", evil_);
  Listener known = listener(evil_);
  known.verdict.kind = VerdictKind::Unexpected;
  Policy policy;
  policy.rules = {rule("lab", Action::Expect, 4444)};
  Pipeline road = pipeline(policy);
  road.restore({{}, {known}});
  const Delta delta = poll(road, {evil_});
  EXPECT_TRUE(delta.opened.empty()) << "it was known";
  ASSERT_EQ(delta.updated.size(), 1U);
  EXPECT_EQ(delta.updated[0].after.verdict.kind, VerdictKind::Expected);
}

TEST_F(PipelineTest, a_required_listener_is_missing_after_the_restart_grace_and_found_again) {
  Policy policy;
  policy.rules = {rule("ssh", Action::Expect, 22)};
  policy.rules[0].required = true;
  Pipeline road = pipeline(policy);
  EXPECT_TRUE(poll(road, {}).missing.empty());
  clock_.advance(30s);
  const Delta missing = poll(road, {});
  ASSERT_EQ(missing.missing.size(), 1U);
  EXPECT_EQ(missing.missing[0].rule, "ssh");
  EXPECT_EQ(road.missing().size(), 1U);
  EXPECT_TRUE(poll(road, {}).missing.empty()) << "told once";
  const Delta found = poll(road, {ssh_});
  ASSERT_EQ(found.found.size(), 1U);
  EXPECT_TRUE(road.missing().empty());
}

TEST_F(PipelineTest, what_goes_before_its_owner_was_found_is_judged_all_the_same) {
  Policy policy;
  policy.rules = {rule("nc", Action::Expect, 4444)};
  policy.rules[0].exes = {"/usr/bin/nc"};
  Pipeline road = pipeline(policy);
  poll(road, {});
  EXPECT_EQ(poll(road, {evil_}).opened[0].verdict.kind, VerdictKind::Pending);
  EXPECT_TRUE(short_lived(poll(road, {})).empty()) << "missing from one look";
  const Delta gone = poll(road, {});
  ASSERT_EQ(short_lived(gone).size(), 1U);
  EXPECT_EQ(short_lived(gone)[0].verdict.kind, VerdictKind::Unexpected);
  EXPECT_TRUE(short_lived(gone)[0].closed);
  clock_.advance(1min);
  EXPECT_TRUE(poll(road, {}).empty()) << "told once";
}

TEST_F(PipelineTest, a_reload_does_not_ask_again_whose_a_listener_is) {
  run(70, "sshd", ssh_);
  Policy policy;
  policy.rules = {rule("ssh", Action::Expect, 22)};
  policy.rules[0].exes = {"/usr/bin/sshd"};
  Pipeline road = pipeline(policy);
  poll(road, {ssh_});
  proc_.remove("70");
  EXPECT_TRUE(road.reload(policy, {}, ServiceTable(), clock_.now()).empty());
}

TEST_F(PipelineTest, the_owner_stays_known_while_that_of_a_member_that_joined_is_sought) {
  for (std::int32_t pid = 100; pid < 140; ++pid) add_process(proc_, {.pid = pid, .sockets = {1, 2, 3}});
  run(500, "sshd", ssh_);
  Pipeline road = pipeline({}, 10);
  poll(road, {ssh_});
  SocketRecord second = ssh_;
  second.id.cookie = 77;
  second.inode = 7777;
  const Delta joined = poll(road, {ssh_, second});
  ASSERT_EQ(joined.updated.size(), 1U);
  EXPECT_EQ(joined.updated[0].after.annotation.owner.state, OwnerState::Known);
}

TEST_F(PipelineTest, nobody_is_accused_while_the_search_for_the_owner_still_runs) {
  for (std::int32_t pid = 100; pid < 140; ++pid) add_process(proc_, {.pid = pid, .sockets = {1, 2, 3}});
  run(500, "nc", evil_);
  Pipeline road = pipeline({}, 10);
  poll(road, {});
  EXPECT_EQ(poll(road, {evil_}).opened[0].verdict.kind, VerdictKind::Pending);
  Delta found;
  for (int look = 0; look < 100 && found.updated.empty(); ++look) {
    clock_.advance(-250ms + 1ms);
    found = poll(road, {evil_});
  }
  ASSERT_EQ(found.updated.size(), 1U);
  EXPECT_EQ(found.updated[0].after.verdict.kind, VerdictKind::Unexpected);
  EXPECT_EQ(found.updated[0].after.annotation.owner.holders[0].comm, "nc");
}

TEST_F(PipelineTest, a_udp_socket_on_a_port_that_the_kernel_might_hand_out_is_given_the_time_of_a_query) {
  const SocketRecord query = listening(Protocol::Udp, "0.0.0.0", 40000, 9);
  const SocketRecord service = listening(Protocol::Udp, "0.0.0.0", 514, 10);
  run(70, "unbound", query);
  run(71, "syslogd", service);
  Pipeline road = pipeline();
  poll(road, {});
  const Delta opened = poll(road, {query, service});
  EXPECT_EQ(opened.opened[0].verdict.kind, VerdictKind::Pending)
      << "514, which a client would connect at once";
  EXPECT_EQ(opened.opened[1].verdict.kind, VerdictKind::Pending);
  EXPECT_FALSE(road.unsettled()) << "time will tell, not more looks";
  const Delta next = poll(road, {query, service});
  ASSERT_EQ(next.updated.size(), 1U);
  EXPECT_EQ(next.updated[0].after.key, key_of(service));
  EXPECT_EQ(next.updated[0].after.verdict.kind, VerdictKind::Unexpected);
  clock_.advance(5s);
  const Delta stayed = poll(road, {query, service});
  ASSERT_EQ(stayed.updated.size(), 1U);
  EXPECT_EQ(stayed.updated[0].after.verdict.kind, VerdictKind::Unexpected);
}

TEST_F(PipelineTest, a_query_s_socket_that_has_gone_is_no_listener_of_anybody) {
  const SocketRecord query = listening(Protocol::Udp, "0.0.0.0", 40000, 9);
  Pipeline road = pipeline();
  poll(road, {});
  poll(road, {query});
  poll(road, {});
  const Delta gone = poll(road, {});
  ASSERT_EQ(short_lived(gone).size(), 1U);
  EXPECT_EQ(short_lived(gone)[0].verdict.kind, VerdictKind::Ignored);
}

TEST_F(PipelineTest, a_required_rule_that_was_taken_away_is_neither_missing_nor_back) {
  Policy policy;
  policy.rules = {rule("ssh", Action::Expect, 22)};
  policy.rules[0].required = true;
  Pipeline road = pipeline(policy);
  poll(road, {});
  clock_.advance(1min);
  EXPECT_EQ(poll(road, {}).missing.size(), 1U);
  EXPECT_TRUE(road.reload({}, {}, ServiceTable(), clock_.now()).found.empty());
  EXPECT_TRUE(road.missing().empty());
}

TEST_F(PipelineTest, a_torn_look_calls_nothing_missing) {
  Policy policy;
  policy.rules = {rule("ssh", Action::Expect, 22)};
  policy.rules[0].required = true;
  Pipeline road = pipeline(policy);
  whole_ = false;
  poll(road, {});
  clock_.advance(1min);
  EXPECT_TRUE(poll(road, {}).missing.empty());
}

TEST_F(PipelineTest, connections_get_the_names_of_their_services) {
  Pipeline road = pipeline();
  ConnectionTally tally;
  tally.by_service = {{Protocol::Tcp, Direction::Outbound, 0, {}, {}, {}},
                      {Protocol::Tcp, Direction::Outbound, 443, {}, {}, {}}};
  road.take(tally);
  EXPECT_EQ(road.connections().by_service[0].port_name, "other");
  EXPECT_EQ(road.connections().by_service[1].port_name, "https");
}

TEST_F(PipelineTest, a_reload_with_other_names_of_ports_renames_known_listeners) {
  Pipeline road = pipeline();
  poll(road, {listening(Protocol::Tcp, "0.0.0.0", 443, 1)});
  auto renamed = ServiceTable::with_overrides("ports.tsv", "443\ttcp\tshop\n");
  ASSERT_TRUE(renamed.ok()) << renamed.error().message;
  const Delta delta = road.reload({}, {}, *std::move(renamed), clock_.now());
  EXPECT_EQ(delta.updated.size(), 1U);
  EXPECT_EQ(road.ledger().listeners()[0].annotation.service->name, "shop");
}

TEST_F(PipelineTest, nobody_looks_for_owners_of_what_is_only_counted_until_a_rule_names_it) {
  const SocketRecord server = unix_listening("/run/a.sock", 90);
  run(70, "server", server);
  Policy policy;
  policy.built_in = built_in_rules({});
  Pipeline road = pipeline(policy);
  poll(road, {server});
  EXPECT_TRUE(road.ledger().listeners()[0].only_counted());
  EXPECT_TRUE(road.ledger().listeners()[0].annotation.owner.holders.empty());
  EXPECT_FALSE(road.unsettled());

  policy.rules = {rule("mine", Action::Alert, 0)};
  policy.rules[0].ports.clear();
  policy.rules[0].properties["path"] = {"/run/*"};
  (void)road.reload(policy, {}, ServiceTable(), clock_.now());
  EXPECT_TRUE(road.unsettled());
  poll(road, {server});
  const Listener named = road.ledger().listeners()[0];
  EXPECT_EQ(named.verdict.kind, VerdictKind::Unexpected);
  ASSERT_EQ(named.annotation.owner.holders.size(), 1U);
  EXPECT_EQ(named.annotation.owner.holders[0].comm, "server");
}

// Of a port that is shared: the first leaves and a third joins between two polls, and nobody's facts change.
TEST_F(PipelineTest, a_member_that_takes_the_place_of_another_is_known_at_the_next_poll) {
  SocketRecord second = evil_;
  second.id.cookie = 3;
  SocketRecord third = evil_;
  third.id.cookie = 4;
  Pipeline road = pipeline();
  poll(road, {});
  clock_.advance(5s);
  poll(road, {evil_, second});
  for (int i = 0; i < 4; ++i) clock_.advance(5s), poll(road, {evil_, second});
  poll(road, {second, third});
  const std::vector<Listener> known = road.ledger().listeners();
  ASSERT_EQ(known.size(), 1U);
  ASSERT_EQ(known[0].members.size(), 2U);
  EXPECT_EQ(known[0].members[0].id, second.id);
  EXPECT_EQ(known[0].members[1].id, third.id);
}

}  // namespace
}  // namespace sockwatch
