// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/watch/snapshot_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

// A ledger with a clock, fed with looks.
class LedgerTest : public testing::Test {
 protected:
  Snapshot look(const std::vector<SocketRecord>& records, bool complete = true) {
    SnapshotBuilder builder;
    builder.start();
    for (const SocketRecord& record : records) builder.accept(record);
    Snapshot& snapshot = builder.finish(clock_.now());
    snapshot.complete.fill(complete);
    return snapshot;
  }
  // One poll: what changed, made current.
  Delta poll(const std::vector<SocketRecord>& records, bool complete = true) {
    const Snapshot snapshot = look(records, complete);
    Delta delta = ledger_.diff(snapshot);
    ledger_.commit(delta, snapshot);
    clock_.advance(250ms);
    return delta;
  }

  FakeClock clock_;
  Ledger ledger_{30s};
  const SocketRecord ssh_ = listening(Protocol::Tcp, "0.0.0.0", 22, 1);
  const SocketRecord dns_ = listening(Protocol::Udp, "127.0.0.53", 53, 2);
};

TEST_F(LedgerTest, the_first_look_opens_everything) {
  const Delta delta = poll({ssh_, dns_});
  ASSERT_EQ(delta.opened.size(), 2U);
  EXPECT_EQ(delta.opened[0].key.local.port, 22);
  EXPECT_EQ(delta.opened[1].key.local.port, 53);
  EXPECT_EQ(ledger_.listeners().size(), 2U);
}

TEST_F(LedgerTest, the_same_look_again_changes_nothing) {
  poll({ssh_, dns_});
  EXPECT_TRUE(poll({dns_, ssh_}).empty());
}

TEST_F(LedgerTest, diff_alone_changes_nothing) {
  const Snapshot snapshot = look({ssh_});
  EXPECT_EQ(ledger_.diff(snapshot).opened.size(), 1U);
  EXPECT_EQ(ledger_.diff(snapshot).opened.size(), 1U);
  EXPECT_TRUE(ledger_.listeners().empty());
}

TEST_F(LedgerTest, missing_from_one_dump_is_not_closed) {
  poll({ssh_, dns_});
  EXPECT_TRUE(poll({ssh_}).empty());
  EXPECT_EQ(ledger_.listeners().size(), 2U);
  EXPECT_TRUE(ledger_.suspects());
  EXPECT_TRUE(poll({ssh_, dns_}).empty());
  EXPECT_FALSE(ledger_.suspects());
}

TEST_F(LedgerTest, missing_from_two_dumps_is_gone_and_closed_after_the_grace) {
  poll({ssh_, dns_});
  const Instant went = clock_.now();
  poll({ssh_});
  EXPECT_TRUE(poll({ssh_}).empty());
  EXPECT_EQ(ledger_.listeners().size(), 1U);
  clock_.advance(29s);
  EXPECT_TRUE(poll({ssh_}).empty());
  clock_.advance(1s);
  const Delta delta = poll({ssh_});
  ASSERT_EQ(delta.closed.size(), 1U);
  EXPECT_EQ(delta.closed[0].key.local.port, 53);
  EXPECT_EQ(delta.closed[0].closed, went);
  EXPECT_TRUE(poll({ssh_}).empty());
}

TEST_F(LedgerTest, what_goes_before_it_is_decided_is_taken_out_and_not_closed_however_rare_polls_are) {
  poll({ssh_});
  Delta pending;
  pending.updated.push_back({ledger_.listeners()[0], ledger_.listeners()[0]});
  pending.updated[0].after.verdict.kind = VerdictKind::Pending;
  ledger_.commit(pending);
  poll({});
  clock_.advance(1h);
  EXPECT_TRUE(poll({}).closed.empty());
  EXPECT_EQ(ledger_.take_undecided().size(), 1U);
  EXPECT_TRUE(ledger_.take_undecided().empty());
}

TEST_F(LedgerTest, interrupted_dump_closes_nothing) {
  poll({ssh_, dns_});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(poll({}, false).empty());
    clock_.advance(1min);
  }
  EXPECT_EQ(ledger_.listeners().size(), 2U);
}

TEST_F(LedgerTest, an_interrupted_dump_between_two_others_is_no_evidence) {
  poll({ssh_});
  poll({});
  poll({}, false);
  EXPECT_EQ(ledger_.listeners().size(), 1U) << "missing from one complete look only";
  poll({});
  EXPECT_TRUE(ledger_.listeners().empty());
}

TEST_F(LedgerTest, other_cookies_on_the_same_address_replace_it) {
  poll({ssh_});
  SocketRecord other = ssh_;
  other.id.cookie = 99;
  const Instant now = clock_.now();
  const Delta delta = poll({other});
  ASSERT_EQ(delta.replaced.size(), 1U);
  EXPECT_EQ(delta.replaced[0].before.members[0].id.cookie, 1U);
  EXPECT_EQ(delta.replaced[0].after.members[0].id.cookie, 99U);
  EXPECT_EQ(delta.replaced[0].after.opened, now);
  EXPECT_NE(delta.replaced[0].after.first_seen, now) << "the key is older than its sockets";
  EXPECT_TRUE(delta.opened.empty());
  EXPECT_TRUE(delta.closed.empty());
}

TEST_F(LedgerTest, back_within_the_grace_is_a_replacement) {
  poll({ssh_});
  poll({});
  poll({});
  clock_.advance(20s);
  SocketRecord again = ssh_;
  again.id.cookie = 5;
  const Delta delta = poll({again});
  EXPECT_EQ(delta.replaced.size(), 1U);
  EXPECT_TRUE(delta.opened.empty());
}

TEST_F(LedgerTest, back_after_the_grace_is_opened_anew) {
  poll({ssh_});
  poll({});
  poll({});
  clock_.advance(31s);
  EXPECT_EQ(poll({}).closed.size(), 1U);
  EXPECT_EQ(poll({ssh_}).opened.size(), 1U);
}

TEST_F(LedgerTest, a_reuseport_group_is_one_listener_and_joining_it_an_update) {
  SocketRecord second = ssh_;
  second.id.cookie = 3;
  const Delta opened = poll({ssh_, second});
  ASSERT_EQ(opened.opened.size(), 1U);
  EXPECT_EQ(opened.opened[0].members.size(), 2U);
  SocketRecord third = ssh_;
  third.id.cookie = 4;
  const Delta joined = poll({ssh_, second, third});
  ASSERT_EQ(joined.updated.size(), 1U);
  EXPECT_EQ(joined.updated[0].after.members.size(), 3U);
  EXPECT_TRUE(joined.replaced.empty());
}

TEST_F(LedgerTest, whoever_joins_comes_last_whatever_its_cookie) {
  SocketRecord eldest = ssh_;
  eldest.id.cookie = 40'000;
  SocketRecord newcomer = ssh_;
  newcomer.id.cookie = 7;
  poll({eldest});
  const Delta joined = poll({eldest, newcomer});
  ASSERT_EQ(joined.updated.size(), 1U);
  const std::vector<SocketRecord>& members = joined.updated[0].after.members;
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].id, eldest.id);
  EXPECT_EQ(members[1].id, newcomer.id);
  EXPECT_TRUE(poll({eldest, newcomer}).empty());
  const Delta parted = poll({newcomer});
  ASSERT_EQ(parted.updated.size(), 1U);
  EXPECT_EQ(parted.updated[0].after.members[0].id, newcomer.id);
}

TEST_F(LedgerTest, drops_outlive_sockets_and_wrap) {
  SocketRecord busy = ssh_;
  busy.drops = 0xFFFFFFF0;
  poll({busy});
  busy.drops = 0x10;  // 32 more, past the end of 32 bits
  poll({busy});
  EXPECT_EQ(ledger_.listeners()[0].drops_total, 0xFFFFFFF0ULL + 32);
  SocketRecord successor = ssh_;
  successor.id.cookie = 50;
  successor.drops = 7;
  poll({successor});
  EXPECT_EQ(ledger_.listeners()[0].drops_total, 0xFFFFFFF0ULL + 32 + 7);
}

TEST_F(LedgerTest, queues_are_those_of_the_last_look) {
  SocketRecord busy = ssh_;
  busy.receive_queue = 3;
  busy.send_queue = 128;
  poll({busy});
  busy.receive_queue = 90;
  EXPECT_TRUE(poll({busy}).empty());
  EXPECT_EQ(ledger_.listeners()[0].queue_length(), 90U);
  EXPECT_EQ(ledger_.listeners()[0].queue_limit(), 128U);
}

TEST_F(LedgerTest, what_an_earlier_run_knew_is_neither_opened_nor_replaced) {
  ledger_.restore({listener(ssh_), listener(dns_)});
  EXPECT_TRUE(poll({ssh_, dns_}).empty());
}

TEST_F(LedgerTest, revisiting_shows_a_listener_with_its_sockets_of_now) {
  ledger_.restore({listener(ssh_)});
  SocketRecord now = ssh_;
  now.inode = 777;
  const auto change = ledger_.revisit(key_of(ssh_), look({now, dns_}));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->before.members[0].inode, ssh_.inode);
  EXPECT_EQ(change->after.members[0].inode, 777U);
  EXPECT_FALSE(ledger_.revisit(key_of(dns_), look({dns_}))) << "not known";
  EXPECT_FALSE(ledger_.revisit(key_of(ssh_), look({dns_}))) << "not there";
}

TEST_F(LedgerTest, a_connection_sets_the_time_it_was_last_used) {
  poll({ssh_, dns_});
  ConnectionTally tally;
  tally.time = clock_.now();
  tally.by_listener = {{key_of(ssh_), {}}, {key_of(listening(Protocol::Tcp, "0.0.0.0", 9, 9)), {}}};
  ledger_.commit(tally);
  EXPECT_EQ(ledger_.listeners()[0].last_connection, tally.time.wall);
  EXPECT_EQ(ledger_.listeners()[1].last_connection, std::nullopt);
}

// Whatever happens, applying a delta to the old ledger gives the listeners of the look.
TEST_F(LedgerTest, random_looks_agree_with_the_ledger) {
  std::uint64_t state = 42;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  };
  Ledger ledger(0s);
  for (int round = 0; round < 300; ++round) {
    std::vector<SocketRecord> records;
    for (std::uint16_t port = 1; port <= 12; ++port) {
      for (std::uint64_t member = random(3); member > 0; --member) {
        records.push_back(listening(Protocol::Tcp, "0.0.0.0", port, 1 + random(40)));
      }
    }
    Snapshot snapshot = look(records);
    // Three complete looks at the same sockets: what was missing is gone for certain.
    for (int i = 0; i < 3; ++i) {
      ledger.commit(ledger.diff(snapshot), snapshot);
      clock_.advance(1s);
      snapshot.time = clock_.now();
    }
    std::vector<SocketId> expected;
    for (const SocketRecord& record : snapshot.listeners) expected.push_back(record.id);
    std::vector<SocketId> known;
    for (const Listener& open : ledger.listeners()) {
      const std::size_t first = known.size();
      for (const SocketRecord& member : open.members) known.push_back(member.id);
      std::sort(known.begin() + static_cast<std::ptrdiff_t>(first), known.end());  // they are in order of age
    }
    EXPECT_EQ(known, expected) << "round " << round;
    EXPECT_TRUE(ledger.diff(snapshot).empty()) << "round " << round;
  }
}

TEST_F(LedgerTest, what_spoke_mptcp_once_does_so_while_its_socket_lives) {
  SocketRecord mptcp = ssh_;
  mptcp.mptcp = true;
  poll({mptcp});
  EXPECT_TRUE(poll({ssh_}).empty());  // a look that did not ask
  EXPECT_EQ(ledger_.listeners()[0].protocol(), Protocol::Mptcp);
  SocketRecord successor = ssh_;
  successor.id.cookie = 77;
  poll({successor});
  EXPECT_EQ(ledger_.listeners()[0].protocol(), Protocol::Tcp);
}

TEST_F(LedgerTest, a_packet_socket_that_turns_promiscuous_is_another_listener) {
  poll({packet_socket("eth0", 3, 5)});
  const Delta delta = poll({packet_socket("eth0", 3, 5, true)});
  ASSERT_EQ(delta.opened.size(), 1U);
  EXPECT_TRUE(delta.opened[0].key.promiscuous);
}

TEST_F(LedgerTest, many_that_come_and_go_around_others_leave_it_sorted) {
  std::vector<SocketRecord> odd;
  std::vector<SocketRecord> all;
  for (std::uint16_t port = 1; port <= 200; ++port) {
    all.push_back(listening(Protocol::Tcp, "0.0.0.0", port, port));
    if (port % 2 == 1) odd.push_back(all.back());
  }
  const auto ports = [this] {
    std::vector<std::uint32_t> found;
    ledger_.for_each([&found](const Listener& each) { found.push_back(each.key.local.port); });
    return found;
  };
  poll(odd);
  EXPECT_EQ(poll(all).opened.size(), 100U);
  const std::vector<std::uint32_t> both = ports();
  EXPECT_EQ(both.size(), 200U);
  EXPECT_TRUE(std::is_sorted(both.begin(), both.end()));
  poll(odd);
  poll(odd);
  clock_.advance(30s);
  EXPECT_EQ(poll(odd).closed.size(), 100U);
  EXPECT_EQ(ports().size(), 100U);
}

TEST_F(LedgerTest, what_was_handed_out_stays_as_it_was) {
  poll({ssh_});
  const ListenerList before = ledger_.shared();
  SocketRecord busy = ssh_;
  busy.receive_queue = 9;
  poll({busy});
  EXPECT_EQ(before[0].queue_length(), 0U);
  EXPECT_EQ(ledger_.shared()[0].queue_length(), 9U);
  const ListenerList again = ledger_.shared();
  poll({busy});
  EXPECT_EQ(&ledger_.shared()[0], &again[0]) << "nothing changed, so nothing was copied";
}

TEST_F(LedgerTest, its_generation_changes_with_listeners_and_not_with_their_queues) {
  poll({ssh_});
  const std::uint64_t first = ledger_.generation();
  SocketRecord busy = ssh_;
  busy.receive_queue = 9;
  poll({busy});
  EXPECT_EQ(ledger_.generation(), first);
  poll({busy, dns_});
  const std::uint64_t second = ledger_.generation();
  EXPECT_NE(second, first);
  poll({busy});
  poll({busy});
  EXPECT_NE(ledger_.generation(), second) << "it is not shown any more, though not closed yet";
}

}  // namespace
}  // namespace sockwatch
