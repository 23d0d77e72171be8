// SPDX-License-Identifier: Apache-2.0
// Looks of SockDiagSource in which somebody else counts the TCP connections.
#include <gtest/gtest.h>

#include "lib/netlink/sock_diag_source.h"
#include "tests/fakes/scripted_channel.h"
#include "tests/lib/netlink/fixture.h"
#include "tests/lib/netlink/wire.h"

namespace sockwatch {
namespace {

using wire::operator+;

// Two parts, then one connection told and two counted; or none where it fails.
class Count final : public SocketCount {
 public:
  explicit Count(bool works) : works_(works) {}
  bool step(int parts) override { return (left_ -= parts) > 0; }
  Result<std::uint64_t> hand_out(NamespaceId name_space, RecordSink& sink) override {
    if (!works_) return Error{"no room"};
    SocketRecord record;
    record.id = {name_space, 101};
    sink.accept(record);
    record.id.cookie = 102;
    sink.count(record, 2);
    return std::uint64_t{3};
  }

 private:
  bool works_;
  int left_ = 2;
};

class SockDiagCount : public testing::Test {
 protected:
  void begin(bool works) {
    source_.start(LookKind::Connections, Breadth::All, std::make_unique<Count>(works));
  }
  bool complete(Protocol protocol) const {
    return source_.report().complete[static_cast<std::size_t>(protocol)];
  }

  ScriptedChannel kernel_;
  SockDiagSource source_{kernel_, kTcpAndUdp, Abilities{.one_walk = false}};
};

TEST_F(SockDiagCount, what_is_counted_is_not_asked_for) {
  kernel_.answer({{wire::socket(5) + wire::done(), 0}});  // udp
  kernel_.answer({{wire::done(), 0}});
  RecordList list;
  begin(true);
  EXPECT_TRUE(source_.step(list, 1));
  EXPECT_TRUE(list.records.empty());
  while (source_.step(list, 1)) {
  }
  std::vector<std::uint64_t> cookies;
  for (const SocketRecord& record : list.records) cookies.push_back(record.id.cookie);
  EXPECT_EQ(cookies, (std::vector<std::uint64_t>{101, 102, 102, 5}));
  EXPECT_EQ(kernel_.requests().size(), 2U);
  EXPECT_TRUE(complete(Protocol::Tcp));
  EXPECT_TRUE(source_.report().counted);
  EXPECT_EQ(source_.report().tcp_connections, 3U);
}

TEST_F(SockDiagCount, where_the_count_fails_every_connection_is_told) {
  kernel_.answer({{wire::socket(1) + wire::socket(2) + wire::done(), 0}});
  for (int i = 0; i < 3; ++i) kernel_.answer({{wire::done(), 0}});
  RecordList list;
  begin(false);
  while (source_.step(list, 1)) {
  }
  EXPECT_EQ(list.records.size(), 2U);
  EXPECT_EQ(kernel_.requests().size(), 4U);
  EXPECT_TRUE(complete(Protocol::Tcp));
  EXPECT_FALSE(source_.report().counted);
  EXPECT_EQ(source_.report().tcp_connections, 2U);
  EXPECT_EQ(source_.report().why_not_counted, "no room");
}

}  // namespace
}  // namespace sockwatch
