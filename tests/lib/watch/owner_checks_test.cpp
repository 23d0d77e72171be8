// SPDX-License-Identifier: Apache-2.0
// When owners are asked for again; what is then found out is in pipeline_owners_test.cpp.
#include "lib/watch/owner_checks.h"

#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

class OwnerChecksTest : public Road {
 protected:
  OwnerChecksTest() {
    Snapshot now;
    for (std::uint16_t i = 0; i < 50; ++i) {
      SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", static_cast<std::uint16_t>(1000 + i), i + 1U);
      now.listeners.push_back(record);
      add_process(proc_, {.pid = 100 + i, .sockets = {record.inode}});
    }
    now.complete.fill(true);
    Delta delta = ledger_.diff(now);
    std::vector<Annotator::Task> tasks;
    for (Listener& listener : delta.opened) tasks.push_back({&listener});
    annotator_.annotate(tasks, OwnerResolver::Search::Whole);
    ledger_.commit(delta, now);
  }
  std::vector<ListenerKey> due_after(Duration time) {
    clock_.advance(time);
    return checks_.due(ledger_, annotator_, clock_.now().monotonic);
  }

  Ledger ledger_{std::chrono::seconds(30)};
  Annotator annotator_{ServiceTable(), OwnerResolver(proc_.open(), std::nullopt, UserNames(etc_.open()))};
  OwnerChecks checks_;
};

TEST_F(OwnerChecksTest, names_whose_owner_has_changed_and_nobody_else) {
  EXPECT_TRUE(due_after(std::chrono::seconds(5)).empty());
  proc_.remove("110");
  std::vector<ListenerKey> due;
  for (int calls = 0; due.empty() && calls < 100; ++calls) due = due_after(std::chrono::milliseconds(300));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].local.port, 1010);
}

TEST_F(OwnerChecksTest, one_pass_asks_everybody_however_small_its_steps) {
  for (std::int32_t pid = 100; pid < 150; ++pid) proc_.remove(std::to_string(pid));
  std::set<std::uint32_t> ports;
  for (int calls = 0; ports.size() < 50 && calls < 1000; ++calls) {
    for (const ListenerKey& key : due_after(std::chrono::milliseconds(1))) ports.insert(key.local.port);
  }
  EXPECT_EQ(ports.size(), 50U);
}

// So that the loop does something else in between.
TEST_F(OwnerChecksTest, what_a_poll_asks_may_be_asked_in_parts_before_it) {
  proc_.remove("110");
  clock_.advance(std::chrono::seconds(5));
  const MonotonicTime now = clock_.now().monotonic;
  int parts = 1;
  while (checks_.step(ledger_, annotator_, now)) ++parts;
  EXPECT_GE(parts, 3) << "owners that were known, and the census of all holders";
  const std::vector<ListenerKey> due = checks_.due(ledger_, annotator_, now);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].local.port, 1010);
  EXPECT_TRUE(checks_.step(ledger_, annotator_, now)) << "the next poll asks again";
}

TEST_F(OwnerChecksTest, who_looks_for_no_owners_has_none_to_check) {
  Annotator replay{ServiceTable(), std::nullopt};
  clock_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(checks_.due(ledger_, replay, clock_.now().monotonic).empty());
}

}  // namespace
}  // namespace sockwatch
