// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/pending_owners.h"

#include <set>

#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

ListenerKey key_on(std::uint16_t port) {
  return key_of(listening(Protocol::Tcp, "0.0.0.0", port, port));
}

TEST(PendingOwners, keys_are_kept_once_and_in_order) {
  PendingOwners pending;
  pending.add({key_on(2), key_on(4)});
  pending.add({key_on(1), key_on(4), key_on(5)});
  EXPECT_EQ(pending.keys(), (std::vector<ListenerKey>{key_on(1), key_on(2), key_on(4), key_on(5)}));
  EXPECT_FALSE(pending.urgent());
}

TEST(PendingOwners, a_poll_that_settles_everything_leaves_nothing) {
  PendingOwners pending;
  pending.add({key_on(1)});
  const Ledger ledger(std::chrono::seconds(30));
  const Annotator annotator{ServiceTable(), std::nullopt};
  const Delta delta;
  pending.remember({delta, ledger, annotator, std::chrono::seconds(2), false},
                   [](const Listener&) { return false; });
  EXPECT_TRUE(pending.keys().empty());
  EXPECT_FALSE(pending.urgent());
}

// Of very many a poll asks for a part, and of each user's; none waits for ever.
class ManyPending : public testing::Test {
 protected:
  ManyPending() {
    std::vector<ListenerKey> keys;
    for (std::uint16_t port = 1; port <= 100; ++port) {
      SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", port, port);
      record.uid = port == 100 ? 1001 : 1000;
      now_.listeners.push_back(record);
      keys.push_back(key_of(record));
    }
    ledger_.commit(ledger_.diff(now_), now_);
    pending_.add(keys);
  }

  std::set<ListenerKey> ask(std::uint32_t searched = 0, std::vector<ListenerKey> touched = {}) {
    const auto is_searched = [searched](std::uint32_t inode) { return inode == searched; };
    const auto chosen = pending_.choose(ledger_, now_, touched, 10, is_searched);
    return {chosen.begin(), chosen.end()};
  }

  Ledger ledger_{std::chrono::seconds(30)};
  Snapshot now_;
  PendingOwners pending_;
};

TEST_F(ManyPending, every_user_is_asked_for_at_once) {
  const auto asked = ask();
  EXPECT_EQ(asked.size(), 10U);
  EXPECT_TRUE(asked.contains(key_on(100)));
}

TEST_F(ManyPending, all_are_asked_for_in_turn) {
  std::set<ListenerKey> asked;
  for (int polls = 0; polls < 12; ++polls) asked.merge(ask());
  EXPECT_EQ(asked.size(), 100U);
}

TEST_F(ManyPending, what_a_search_looks_for_is_asked_for_until_it_ends) {
  const std::uint32_t inode = ledger_.find(key_on(50))->members.front().inode;
  for (int polls = 0; polls < 5; ++polls) EXPECT_TRUE(ask(inode).contains(key_on(50)));
}

TEST_F(ManyPending, what_a_poll_does_not_show_takes_nobodys_turn) {
  now_.listeners.erase(now_.listeners.begin(), now_.listeners.begin() + 95);
  EXPECT_EQ(ask().size(), 5U);
}

TEST_F(ManyPending, what_a_poll_has_touched_is_asked_for_already) {
  EXPECT_FALSE(ask(0, {key_on(100)}).contains(key_on(100)));
}

}  // namespace
}  // namespace sockwatch
