// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/pending_owners.h"

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

}  // namespace
}  // namespace sockwatch
