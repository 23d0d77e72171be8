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
  EXPECT_TRUE(road.unsettled()) << "what was found has ended: soon again";
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

TEST_F(PipelineOwners, later_an_end_is_noticed_when_it_is_asked_for) {
  run(70, "old", ssh_);
  Pipeline road = pipeline();
  poll(road, {ssh_});
  clock_.advance(std::chrono::minutes(1));
  run(71, "heir", ssh_);
  leave(70);
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "old") << "nobody asks every look";
  road.doubt_owners();
  EXPECT_TRUE(road.unsettled());
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "heir");
}

TEST_F(PipelineOwners, nothing_is_asked_while_all_still_run) {
  run(70, "sshd", ssh_);
  Pipeline road = pipeline();
  poll(road, {ssh_});
  road.doubt_owners();
  EXPECT_FALSE(road.unsettled());
}

TEST_F(PipelineOwners, a_socket_unit_s_service_is_looked_for_when_somebody_has_connected) {
  proc_.link("1/fd/9", "socket:[" + std::to_string(ssh_.inode) + "]");
  Pipeline road = pipeline();
  poll(road, {ssh_});
  clock_.advance(std::chrono::minutes(1));
  road.doubt_owners();
  EXPECT_FALSE(road.unsettled()) << "nobody has come yet";
  run(70, "sshd", ssh_);
  ConnectionTally tally;
  tally.by_listener = {{key_of(ssh_), {}}};
  road.take(tally);
  road.doubt_owners();
  poll(road, {ssh_});
  EXPECT_EQ(program_of(road), "sshd");
}

}  // namespace
}  // namespace sockwatch
