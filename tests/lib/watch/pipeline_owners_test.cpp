// SPDX-License-Identifier: Apache-2.0
// Owners that change hands without the socket changing.
#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

class PipelineOwners : public Road {
 protected:
  static std::string program_of(const Pipeline& road) {
    const auto listeners = road.ledger().listeners();
    return listeners.at(0).annotation.owner.holders.empty() ? ""
                                                            : listeners[0].annotation.owner.holders[0].comm;
  }
  void leave(std::int32_t pid) { proc_.remove(std::to_string(pid)); }
};

TEST_F(PipelineOwners, a_server_that_goes_to_the_background_is_its_childs_at_the_next_look) {
  Pipeline road = pipeline();
  poll(road, {});
  run(70, "parent", ssh_);
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "parent");
  run(71, "child", ssh_);
  leave(70);
  poll(road, {ssh_});
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "child");
  EXPECT_FALSE(road.unsettled());
}

TEST_F(PipelineOwners, the_first_look_ends_however_long_somebody_is_sought_in_vain) {
  for (std::int32_t pid = 100; pid < 150; ++pid) add_process(proc_, {.pid = pid, .sockets = {11, 12, 13}});
  run(70, "sshd", ssh_);
  Pipeline road = pipeline({}, 100);
  poll(road, {ssh_, evil_});
  EXPECT_EQ(program_of(road), "sshd");
  EXPECT_EQ(road.ledger().listeners().at(1).annotation.owner.state, OwnerState::Unexplained);
}

TEST_F(PipelineOwners, what_becomes_of_an_owner_is_noticed_within_seconds) {
  run(70, "old", ssh_);
  Pipeline road = pipeline();
  poll(road, {ssh_});
  clock_.advance(std::chrono::minutes(1));
  run(71, "heir", ssh_);
  leave(70);
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "heir");
}

TEST_F(PipelineOwners, a_program_that_becomes_another_is_judged_as_that) {
  Rule by_program = rule("ssh", Action::Expect, 22);
  by_program.exes = {"/usr/bin/sshd"};
  Policy policy;
  policy.rules = {by_program};
  run(70, "sshd", ssh_);
  Pipeline road = pipeline(policy);
  poll(road, {ssh_});
  EXPECT_EQ(road.ledger().listeners().at(0).verdict.kind, VerdictKind::Expected);
  clock_.advance(std::chrono::minutes(1));
  leave(70);
  run(70, "evil", ssh_);
  const Delta delta = poll(road, {ssh_});
  ASSERT_EQ(delta.updated.size(), 1U);
  EXPECT_EQ(delta.updated[0].after.verdict.kind, VerdictKind::Unexpected);
  clock_.advance(std::chrono::minutes(1));
  leave(70);
  run(70, "sshd", ssh_);
  EXPECT_EQ(poll(road, {ssh_}).updated.at(0).after.verdict.kind, VerdictKind::Expected) << "fits again";
}

// As of UNIX sockets, and of another network namespace. The question is due between two polls of its family.
TEST_F(PipelineOwners, a_change_that_is_noticed_between_seldom_polls_waits_for_the_next_one) {
  run(70, "old", ssh_);
  Pipeline road = pipeline();
  poll(road, {ssh_});
  clock_.advance(std::chrono::minutes(1));
  run(71, "heir", ssh_);
  leave(70);
  complete_ = false;
  for (int polls = 0; polls < 3; ++polls) poll(road, {});
  EXPECT_EQ(program_of(road), "old");
  EXPECT_FALSE(road.unsettled()) << "nobody has to hurry";
  complete_ = true;
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "heir");
}

// A census names each new holder once.
TEST_F(PipelineOwners, a_second_holder_who_is_counted_between_seldom_polls_is_not_forgotten) {
  run(70, "first", ssh_);
  Pipeline road = pipeline();
  poll(road, {ssh_});
  run(71, "second", ssh_);
  complete_ = false;
  for (int polls = 0; polls < 20; ++polls) {
    clock_.advance(std::chrono::seconds(1));
    poll(road, {});
  }
  complete_ = true;
  poll(road, {ssh_});
  EXPECT_EQ(road.ledger().listeners().at(0).annotation.owner.holders.size(), 2U);
}

TEST_F(PipelineOwners, nothing_is_asked_while_all_still_run) {
  run(70, "sshd", ssh_);
  Pipeline road = pipeline();
  poll(road, {ssh_});
  clock_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(poll(road, {ssh_}).empty());
  EXPECT_FALSE(road.unsettled());
}

TEST_F(PipelineOwners, a_socket_unit_s_service_is_found_when_it_runs) {
  proc_.link("1/fd/9", "socket:[" + std::to_string(ssh_.inode) + "]");
  Pipeline road = pipeline();
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "systemd");
  run(70, "sshd", ssh_);
  for (int polls = 0; polls < 20 && program_of(road) != "sshd"; ++polls) {
    clock_.advance(std::chrono::seconds(1));
    poll(road, {ssh_});
  }
  EXPECT_EQ(program_of(road), "sshd");
}

TEST_F(PipelineOwners, an_owner_found_nowhere_is_sought_again_for_as_long_as_the_socket_lives) {
  Pipeline road = pipeline();
  poll(road, {ssh_});
  EXPECT_EQ(road.ledger().listeners().at(0).annotation.owner.state, OwnerState::Unexplained);
  clock_.advance(std::chrono::hours(1));
  poll(road, {ssh_});
  run(70, "late", ssh_);
  for (int polls = 0; polls < 60 && program_of(road).empty(); ++polls) {
    clock_.advance(std::chrono::seconds(20));
    poll(road, {ssh_});
  }
  EXPECT_EQ(program_of(road), "late");
}

TEST_F(PipelineOwners, what_was_decided_does_not_become_undecided_again) {
  SocketRecord tunnel = listening(Protocol::Udp, "0.0.0.0", 51821, 9);
  Policy strict;
  strict.default_action = Action::Alert;
  Pipeline road = pipeline(strict);
  poll(road, {tunnel});
  EXPECT_EQ(road.ledger().listeners().at(0).verdict.kind, VerdictKind::Unexpected);
  for (int polls = 0; polls < 10; ++polls) {
    poll(road, {tunnel});
    EXPECT_EQ(road.ledger().listeners().at(0).verdict.kind, VerdictKind::Unexpected);
  }
}

}  // namespace
}  // namespace sockwatch
