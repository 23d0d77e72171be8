// SPDX-License-Identifier: Apache-2.0
#include "lib/web/client.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

const Client kLocal{"loopback", "127.0.0.1"};
const Client kOtherLocal{"loopback", "127.0.0.2"};
const Client kFar{"192.0.2.0", "192.0.2.1"};

TEST(ClientShares, who_holds_most_gives_way_to_who_holds_less) {
  ClientShares shares;
  EXPECT_EQ(shares.who_gives_way_to(kFar), std::nullopt) << "nobody holds any";
  for (int i = 0; i < 4; ++i) shares.add(kLocal);
  EXPECT_EQ(shares.who_gives_way_to(kFar), kLocal);
  EXPECT_EQ(shares.who_gives_way_to(kOtherLocal), kLocal) << "of the same network";
  EXPECT_EQ(shares.who_gives_way_to(kLocal), std::nullopt) << "it holds most itself";
}

TEST(ClientShares, a_place_only_moves_where_that_is_fairer) {
  ClientShares shares;
  shares.add(kLocal);
  EXPECT_EQ(shares.who_gives_way_to(kFar), std::nullopt);
  shares.add(kLocal);
  EXPECT_EQ(shares.who_gives_way_to(kFar), kLocal);
  shares.add(kFar);
  EXPECT_EQ(shares.who_gives_way_to(kFar), std::nullopt);
}

TEST(ClientShares, many_addresses_of_one_network_are_one_share) {
  ClientShares shares;
  for (int i = 1; i < 9; ++i) shares.add({"loopback", "127.0.0." + std::to_string(i)});
  shares.add(kFar);
  EXPECT_EQ(shares.who_gives_way_to(kFar)->network, "loopback");
  EXPECT_EQ(shares.who_gives_way_to({"loopback", "127.9.9.9"}), std::nullopt);
}

TEST(ClientShares, what_was_given_back_counts_no_more) {
  ClientShares shares;
  for (int i = 0; i < 3; ++i) shares.add(kLocal);
  for (int i = 0; i < 4; ++i) shares.remove(kLocal);
  shares.remove(kFar);
  EXPECT_EQ(shares.who_gives_way_to(kFar), std::nullopt);
}

}  // namespace
}  // namespace sockwatch
