// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/proc_net_source.h"

#include <gtest/gtest.h>

#include "tests/fakes/file_tree.h"
#include "tests/lib/monitor/sinks.h"

namespace sockwatch {
namespace {

constexpr NamespaceId kHere{42};
const std::vector<Protocol> kTcpAndUdp{Protocol::Tcp, Protocol::Udp};

// sshd on every address, a connection to it, and a resolver; as a little-endian kernel prints them.
void write_tables(FileTree& tree) {
  tree.write(
      "net/tcp",
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22 1 0\n"
      "   1: 0100007F:0016 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 23 1 0\n");
  tree.write("net/tcp6", "  sl  local_address\n");
  tree.write(
      "net/udp",
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   9: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 53 2 0 "
      "7\n");
  tree.write("net/udp6", "  sl  local_address\n");
}

TEST(ProcNetSource, tells_the_sockets_of_every_table) {
  FileTree tree;
  write_tables(tree);
  ProcNetSource source(tree.open("net"), kTcpAndUdp, kHere);
  const auto records = look_at(source, LookKind::Listeners);
  EXPECT_EQ(places_of(records),
            (std::vector<std::string>{"tcp 0.0.0.0:22", "tcp 127.0.0.1:22", "udp 127.0.0.53:53"}));
  for (const SocketRecord& record : records) EXPECT_EQ(record.id.name_space, kHere);
  EXPECT_EQ(source.report().result(), LookResult::Complete);
}

TEST(ProcNetSource, a_step_is_a_table) {
  FileTree tree;
  write_tables(tree);
  ProcNetSource source(tree.open("net"), kTcpAndUdp, kHere);
  RecordList list;
  source.start(LookKind::Listeners, {});
  EXPECT_TRUE(source.step(list, 64));
  EXPECT_EQ(list.records.size(), 2U);
  EXPECT_TRUE(source.step(list, 64));
  EXPECT_TRUE(source.step(list, 64));
  EXPECT_EQ(list.records.size(), 3U);
  EXPECT_FALSE(source.step(list, 64));
  EXPECT_FALSE(source.step(list, 64)) << "the look is over";
  EXPECT_EQ(list.records.size(), 3U);
}

TEST(ProcNetSource, reads_only_what_is_wanted) {
  FileTree tree;
  write_tables(tree);
  ProcNetSource source(tree.open("net"), {Protocol::Udp}, kHere);
  EXPECT_EQ(places_of(look_at(source, LookKind::Listeners)), std::vector<std::string>{"udp 127.0.0.53:53"});
  EXPECT_TRUE(complete(source.report(), Protocol::Udp));
  EXPECT_FALSE(complete(source.report(), Protocol::Tcp)) << "nobody has looked";
}

TEST(ProcNetSource, a_kernel_without_ipv6_hides_nothing) {
  FileTree tree;
  write_tables(tree);
  tree.remove("net/tcp6");
  tree.remove("net/udp6");
  ProcNetSource source(tree.open("net"), kTcpAndUdp, kHere);
  EXPECT_EQ(look_at(source, LookKind::Listeners).size(), 3U);
  EXPECT_EQ(source.report().result(), LookResult::Complete);
}

TEST(ProcNetSource, every_kernel_has_tcp_and_udp_so_a_missing_table_is_unseen) {
  FileTree tree;
  write_tables(tree);
  tree.remove("net/tcp");
  tree.write("net/udp", "");
  ProcNetSource source(tree.open("net"), kTcpAndUdp, kHere);
  EXPECT_TRUE(look_at(source, LookKind::Listeners).empty());
  EXPECT_FALSE(complete(source.report(), Protocol::Tcp));
  EXPECT_FALSE(complete(source.report(), Protocol::Udp));
  EXPECT_EQ(source.report().unseen.size(), 2U);
}

TEST(ProcNetSource, a_table_that_cannot_be_read_is_unseen_and_its_protocol_incomplete) {
  FileTree tree;
  write_tables(tree);
  tree.remove("net/udp6");
  tree.add("net/udp6/");
  ProcNetSource source(tree.open("net"), kTcpAndUdp, kHere);
  EXPECT_EQ(look_at(source, LookKind::Listeners).size(), 3U) << "the other tables are read all the same";
  EXPECT_EQ(source.report().result(), LookResult::Partial);
  EXPECT_TRUE(complete(source.report(), Protocol::Tcp));
  EXPECT_FALSE(complete(source.report(), Protocol::Udp));
  const Unseen udp6{"/proc/net/udp6", "read " + tree.path() + "/net/udp6: Is a directory"};
  EXPECT_EQ(source.report().unseen, std::vector<Unseen>{udp6});
}

TEST(ProcNetSource, lines_that_are_none_are_counted) {
  FileTree tree;
  write_tables(tree);
  tree.write("net/tcp", "heading\nnonsense\n\x01\x02\n");
  ProcNetSource source(tree.open("net"), kTcpAndUdp, kHere);
  EXPECT_EQ(look_at(source, LookKind::Listeners).size(), 1U);
  EXPECT_EQ(source.report().malformed, 2U);
  EXPECT_FALSE(complete(source.report(), Protocol::Tcp)) << "one of them may have been a socket";
  EXPECT_TRUE(complete(source.report(), Protocol::Udp));
  EXPECT_EQ(source.report().unseen, (std::vector<Unseen>{{"/proc/net/tcp", "2 lines of it cannot be read"}}));
}

TEST(ProcNetSource, the_next_look_starts_anew) {
  FileTree tree;
  write_tables(tree);
  tree.write("net/tcp", "heading\nnonsense\n");
  ProcNetSource source(tree.open("net"), kTcpAndUdp, kHere);
  look_at(source, LookKind::Listeners);
  write_tables(tree);
  EXPECT_EQ(look_at(source, LookKind::Connections).size(), 3U);
  EXPECT_EQ(source.report().malformed, 0U);
}

}  // namespace
}  // namespace sockwatch
