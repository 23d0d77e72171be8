// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "lib/netlink/family.h"

namespace sockwatch {
namespace {

TEST(Families, each_protocol_is_there_once) {
  std::set<Protocol> protocols;
  for (const Family& family : families()) EXPECT_TRUE(protocols.insert(family.protocol).second);
  EXPECT_EQ(protocols, (std::set{Protocol::Tcp, Protocol::Udp}));
}

TEST(Families, every_request_belongs_to_its_family_and_says_what_it_asks) {
  for (const Family& family : families()) {
    for (const LookKind kind : all_of<LookKind>()) {
      for (const Abilities& abilities : {Abilities{true, true}, Abilities{false, false}}) {
        const auto requests = family.requests(kind, abilities);
        EXPECT_FALSE(requests.empty());
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
