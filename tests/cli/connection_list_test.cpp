// SPDX-License-Identifier: Apache-2.0
#include "cli/connection_list.h"

#include <gtest/gtest.h>

#include "tests/cli/looks.h"
#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

// Answers every look with the same records, one a step.
class FixedSource final : public Source {
 public:
  explicit FixedSource(std::vector<SocketRecord> records) : records_(std::move(records)) {}
  void start(LookKind kind, Instant) override {
    asked = kind;
    next_ = 0;
  }
  bool step(RecordSink& sink, int) override {
    if (next_ < records_.size()) sink.accept(records_[next_++]);
    return next_ < records_.size();
  }
  const LookReport& report() const override { return report_; }

  std::optional<LookKind> asked;

 private:
  std::vector<SocketRecord> records_;
  std::size_t next_ = 0;
  LookReport report_;
};

std::vector<std::string> collected(std::vector<SocketRecord> records) {
  FixedSource source(std::move(records));
  ConnectionList list;
  list.collect(source, {});
  EXPECT_EQ(source.asked, LookKind::Connections);
  std::vector<std::string> places;
  for (const SocketRecord& record : list.take()) places.push_back(to_string(record.local));
  return places;
}

TEST(ConnectionList, is_sorted_by_place) {
  EXPECT_EQ(collected({connected("::1", 2, "::1", 9, 1), connected("127.0.0.1", 7, "127.0.0.1", 9, 2),
                       connected("127.0.0.1", 5, "127.0.0.1", 9, 3)}),
            (std::vector<std::string>{"127.0.0.1:5", "127.0.0.1:7", "[::1]:2"}));
}

TEST(ConnectionList, a_socket_told_twice_is_listed_once_whatever_became_of_it) {
  SocketRecord closed = connected("127.0.0.1", 5, "127.0.0.1", 9, 1);
  closed.state = SocketState::TimeWait;
  EXPECT_EQ(collected({connected("127.0.0.1", 5, "127.0.0.1", 9, 1), closed}).size(), 1U);
}

TEST(ConnectionList, sockets_without_a_cookie_are_all_listed) {
  EXPECT_EQ(
      collected({connected("127.0.0.1", 5, "127.0.0.1", 9, 0), connected("127.0.0.1", 5, "127.0.0.1", 9, 0)})
          .size(),
      2U);
}

TEST(ConnectionList, listeners_are_left_to_the_other_look) {
  EXPECT_TRUE(
      collected({listening(Protocol::Tcp, "::", 22, 1), listening(Protocol::Udp, "::", 53, 2)}).empty());
}

TEST(FindOwners, asks_until_nothing_is_put_off_any_more) {
  FileTree tree(R"(
    etc/passwd = max:x:1000:1000::/:/bin/sh
    proc/1/ns/pid -> pid:[4026531836]
    proc/1/stat = 1 (init) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 0 0
    proc/1/fd/0 -> /dev/null
    proc/70/stat = 70 (curl) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 90 0 0
    proc/70/exe -> /usr/bin/curl
    proc/70/fd/3 -> socket:[101]
    proc/70/fd/4 -> socket:[102]
  )");
  // One step a call: the walk takes many of them.
  OwnerResolver resolver(tree.open("proc"), std::nullopt, UserNames(tree.open("etc")), 1);
  std::vector<SeenConnection> connections(3);
  for (std::uint32_t i = 0; i < 3; ++i) connections[i].record.inode = 101 + i;
  find_owners(connections, resolver);
  EXPECT_EQ(connections[0].annotation.owner.holders.at(0).comm, "curl");
  EXPECT_EQ(connections[1].annotation.owner.holders.at(0).id.pid, 70);
  EXPECT_EQ(connections[2].annotation.owner.state, OwnerState::Unexplained);
}

}  // namespace
}  // namespace sockwatch
