// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/intake.h"

#include <gtest/gtest.h>

#include "lib/policy/builtin.h"
#include "lib/watch/snapshot_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

constexpr std::size_t kRoom = 400;
constexpr std::uint32_t kMallory = 4002;
constexpr std::uint32_t kAlice = 1000;

SocketRecord of(std::uint32_t uid, std::uint16_t port, std::uint64_t cookie) {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", port, cookie);
  record.uid = uid;
  return record;
}

std::vector<SocketRecord> crowd(std::uint32_t uid, std::uint16_t first, std::size_t count) {
  std::vector<SocketRecord> records;
  for (std::size_t i = 0; i < count; ++i)
    records.push_back(of(uid, static_cast<std::uint16_t>(first + i), uid * 100'000ULL + first + i));
  return records;
}

// Polls that go through the intake into a ledger.
class IntakeTest : public testing::Test {
 protected:
  void poll(std::vector<std::vector<SocketRecord>> parts) {
    intake_.start(policy_, ledger_);
    builder_.start(&intake_);
    for (const auto& part : parts) {
      for (const SocketRecord& record : part) builder_.accept(record);
    }
    Snapshot& now = builder_.finish(clock_.now());
    now.complete.fill(true);
    intake_.finish(now);
    turned_away_ = now.turned_away.size();
    ledger_.commit(ledger_.diff(now), now);
    clock_.advance(std::chrono::seconds(1));
  }
  std::size_t kept_of(std::uint32_t uid) const {
    std::size_t count = 0;
    ledger_.for_each([&](const Listener& each) { count += each.members.front().uid == uid ? 1U : 0U; });
    return count;
  }
  std::uint64_t aggregate(Protocol protocol) const {
    std::uint64_t sockets = 0;
    for (const AggregateCount& all : intake_.counts().aggregate)
      sockets += all.protocol == protocol ? all.sockets : 0;
    return sockets;
  }

  FakeClock clock_;
  Policy policy_{{}, built_in_rules({{ip("127.0.0.1"), 10762}}), Action::Alert};
  Ledger ledger_{std::chrono::seconds(10)};
  Intake intake_{kRoom};
  SnapshotBuilder builder_;
  std::size_t turned_away_ = 0;
};

TEST_F(IntakeTest, where_there_is_room_everything_is_kept) {
  poll({crowd(kMallory, 1, 90), crowd(kAlice, 1000, 90)});
  EXPECT_EQ(kept_of(kMallory), 90U);
  EXPECT_EQ(kept_of(kAlice), 90U);
  EXPECT_EQ(intake_.counts().sockets_over_limit, 0U);
}

TEST_F(IntakeTest, a_crowd_of_one_user_leaves_room_for_another) {
  for (int polls = 0; polls < 3; ++polls) poll({crowd(kMallory, 1, 10'000)});
  EXPECT_LE(kept_of(kMallory), kRoom / 2);
  poll({crowd(kMallory, 1, 10'000), {of(kAlice, 60'022, 7)}});
  EXPECT_EQ(kept_of(kAlice), 1U);
  const CrowdCounts counts = intake_.counts();
  ASSERT_EQ(counts.over_limit.size(), 1U);
  EXPECT_EQ(counts.over_limit[0].uid, kMallory);
  EXPECT_EQ(counts.sockets_over_limit, 10'000 - kept_of(kMallory));
  EXPECT_EQ(turned_away_, counts.sockets_over_limit);
}

TEST_F(IntakeTest, a_crowd_on_loopback_hides_no_service_of_the_same_user) {
  std::vector<SocketRecord> helpers = crowd(kMallory, 1, 10'000);
  for (SocketRecord& helper : helpers) {
    helper.local.address = ip("127.0.0.1");
    helper.bind = Bind::Assigned;
  }
  poll({helpers});
  poll({helpers, {of(kMallory, 31337, 9)}});
  EXPECT_TRUE(ledger_.is_shown(key_of(of(kMallory, 31337, 9))));
}

TEST_F(IntakeTest, a_crowd_in_one_cgroup_or_on_ports_of_one_choice_hides_nothing_else_of_its_user) {
  poll({crowd(kMallory, 1, 10'000)});
  EXPECT_LE(kept_of(kMallory), kRoom / 3) << "half of what its user has left";
  SocketRecord elsewhere = of(kMallory, 20'001, 8);
  elsewhere.cgroup_id = 77;
  SocketRecord handed_out = of(kMallory, 40'000, 9);
  handed_out.bind = Bind::Assigned;
  poll({crowd(kMallory, 1, 10'000), {elsewhere, handed_out}});
  EXPECT_TRUE(ledger_.is_shown(key_of(elsewhere)));
  EXPECT_TRUE(ledger_.is_shown(key_of(handed_out)));
}

TEST_F(IntakeTest, very_many_users_leave_room_for_one_more) {
  for (std::uint32_t uid = 100'000; uid < 100'100; ++uid)
    poll({crowd(uid, static_cast<std::uint16_t>(1 + 500 * (uid - 100'000)), 500)});
  poll({{of(kAlice, 60'022, 7)}});
  EXPECT_EQ(kept_of(kAlice), 1U);
  EXPECT_LE(ledger_.sockets(), kRoom + kRoom / 4);
}

TEST_F(IntakeTest, what_is_known_stays_and_may_restart_among_a_crowd) {
  poll({{of(kMallory, 60'000, 5)}});
  poll({crowd(kMallory, 1, 10'000), {of(kMallory, 60'000, 5)}});
  poll({crowd(kMallory, 1, 10'000), {of(kMallory, 60'000, 6)}});
  EXPECT_TRUE(ledger_.is_shown(key_of(of(kMallory, 60'000, 6))));
}

TEST_F(IntakeTest, one_place_takes_no_more_sockets_than_its_user_may_have) {
  std::vector<SocketRecord> group;
  for (std::uint64_t cookie = 1; cookie <= 10'000; ++cookie) group.push_back(of(kMallory, 80, cookie));
  for (int polls = 0; polls < 3; ++polls) poll({group});
  EXPECT_LE(ledger_.sockets(), kRoom / 2);
  EXPECT_GT(intake_.counts().sockets_over_limit, 0U);
}

TEST_F(IntakeTest, when_the_crowd_has_gone_all_of_the_rest_is_kept_again) {
  poll({crowd(kMallory, 1, 10'000)});
  for (int polls = 0; polls < 15; ++polls) poll({crowd(kMallory, 1, 50)});
  EXPECT_EQ(kept_of(kMallory), 50U);
  EXPECT_EQ(intake_.counts().sockets_over_limit, 0U);
}

TEST_F(IntakeTest, what_the_policy_ignores_by_its_kind_is_counted_and_not_kept) {
  poll({{unix_listening("/run/a", 1), unix_listening("/run/b", 2),
         listening(Protocol::Raw, "0.0.0.0", 1, 4)}});
  EXPECT_EQ(ledger_.sockets(), 0U);
  EXPECT_EQ(aggregate(Protocol::Unix), 2U);
  EXPECT_EQ(aggregate(Protocol::Raw), 1U);
  poll({{unix_listening("/run/a", 1)}});
  EXPECT_EQ(aggregate(Protocol::Unix), 1U);
}

TEST_F(IntakeTest, what_a_rule_names_is_kept) {
  policy_.rules = rules("[[rule]]\nname=\"d\"\naction=\"alert\"\npath=\"/run/docker.sock\"\n");
  poll({{unix_listening("/run/a", 1), unix_listening("/run/docker.sock", 2),
         packet_socket("eth0", 3, 4, true)}});
  EXPECT_EQ(ledger_.listeners().size(), 2U);
  EXPECT_EQ(aggregate(Protocol::Unix), 1U);
}

TEST_F(IntakeTest, a_poll_that_was_not_complete_takes_back_no_count) {
  poll({{unix_listening("/run/a", 1), unix_listening("/run/b", 2)}});
  intake_.start(policy_, ledger_);
  builder_.start(&intake_);
  intake_.finish(builder_.finish(clock_.now()));
  EXPECT_EQ(aggregate(Protocol::Unix), 2U);
}

}  // namespace
}  // namespace sockwatch
