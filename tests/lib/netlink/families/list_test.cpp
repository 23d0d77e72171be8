// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch {
namespace {

TEST(Families, each_protocol_is_asked_for_listeners_once) {
  std::multiset<Protocol> protocols;
  for (const Family& family : families()) {
    if (!family.requests(LookKind::Listeners, {}).empty()) protocols.insert(family.protocol);
  }
  const auto all = all_of<Protocol>();
  EXPECT_EQ(protocols, std::multiset<Protocol>(all.begin(), all.end()));
}

TEST(Families, what_is_asked_follows_the_breadth_of_the_look) {
  const auto due = [](Breadth breadth) {
    std::vector<Protocol> asked;
    for (const Family& family : families()) {
      if (is_due(family, breadth)) asked.push_back(family.protocol);
    }
    return asked;
  };
  EXPECT_EQ(due(Breadth::Frequent), (std::vector{Protocol::Tcp, Protocol::Mptcp, Protocol::Udp}));
  EXPECT_EQ(due(Breadth::All).size(), kWordCount<Protocol>);
  // And TCP that is bound only, UNIX sockets of every state, packet sockets that take nothing.
  EXPECT_EQ(due(Breadth::Lists).size(), kWordCount<Protocol> + 3);
}

TEST(Families, every_request_belongs_to_its_family_and_says_what_it_asks) {
  for (const Family& family : families()) {
    for (const LookKind kind : all_of<LookKind>()) {
      for (const Abilities& abilities : {Abilities{true, true}, Abilities{false, false}}) {
        const auto requests = family.requests(kind, abilities);
        for (const DumpRequest& request : requests) {
          EXPECT_EQ(request.protocol, family.protocol);
          EXPECT_TRUE(request.what.starts_with(word(family.protocol))) << request.what;
          EXPECT_FALSE(request.body.empty());
        }
      }
    }
  }
}

TEST(Families, none_claims_to_know_the_bind_where_the_filter_is_avoided) {
  for (const Family& family : families()) {
    for (const DumpRequest& request : family.requests(LookKind::Listeners, Abilities{.bind_filter = false})) {
      EXPECT_EQ(request.bind, Bind::Unknown);
    }
  }
}

TEST(Families, none_takes_an_empty_record) {
  for (const Family& family : families()) {
    SocketRecord record;
    EXPECT_FALSE(family.decode({}, {}, record));
  }
}

}  // namespace
}  // namespace sockwatch
