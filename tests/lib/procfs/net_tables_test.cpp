// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/net_tables.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/fakes/file_tree.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

class RecordList final : public RecordSink {
 public:
  void accept(const SocketRecord& record) override { records.push_back(record); }
  std::vector<SocketRecord> records;
};

// As a little-endian kernel prints them.
constexpr std::string_view kHeading =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
constexpr std::string_view kListen =
    "   0: 0100007F:0277 00000000:0000 0A 00000000:00000003 00:00000000 00000000   101        0 1681 1 "
    "0000000089c02631 100 0 0 10 0                      ";
constexpr std::string_view kEstablished =
    "  12: 0A00020F:9C40 08080808:01BB 01 00000010:00000020 02:000004D2 00000000  1000        0 4711 2 "
    "00000000aaaaaaaa 20 4 30 10 -1";
constexpr std::string_view kTimeWait =
    " 13: 0A00020F:9C41 08080808:01BB 06 00000000:00000000 03:00000A2B 00000000     0        0 0 3 "
    "00000000bbbbbbbb";
constexpr std::string_view kListen6 =
    "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 2222 1 00000000cccccccc 100 0 0 10 0";
constexpr std::string_view kMapped6 =
    "   1: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000    33        0 3333 1 00000000dddddddd 100 0 0 10 0";
constexpr std::string_view kLinkLocal6 =
    "   2: 000080FE000000000000000001000000:0222 00000000000000000000000000000000:0000 07 "
    "00000000:00000000 00:00000000 00000000   998        0 5555 2 00000000eeeeeeee 7";
constexpr std::string_view kUdp =
    "  567: 00000000:0035 00000000:0000 07 00000000:00000300 00:00000000 00000000   996        0 6666 2 "
    "00000000ffffffff 42           ";

TEST(NetTable, reads_a_tcp_listener) {
  const auto record = parse_net_line(kListen, NetTable::Tcp);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->protocol, Protocol::Tcp);
  EXPECT_EQ(record->state, SocketState::Listen);
  EXPECT_EQ(to_string(record->local), "127.0.0.1:631");
  EXPECT_EQ(record->receive_queue, 3U);
  EXPECT_EQ(record->uid, 101U);
  EXPECT_EQ(record->inode, 1681U);
  EXPECT_EQ(record->id.cookie, 1681U);
  EXPECT_EQ(record->cgroup_id, 0U);
  EXPECT_EQ(record->bind, Bind::Unknown);
  EXPECT_EQ(record->drops, 0U);
}

TEST(NetTable, reads_a_connection_with_its_queues) {
  const auto record = parse_net_line(kEstablished, NetTable::Tcp);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->state, SocketState::Established);
  EXPECT_EQ(to_string(record->local), "15.2.0.10:40000");
  EXPECT_EQ(to_string(record->remote), "8.8.8.8:443");
  EXPECT_EQ(record->send_queue, 16U);
  EXPECT_EQ(record->receive_queue, 32U);
}

TEST(NetTable, a_socket_in_time_wait_has_no_inode) {
  const auto record = parse_net_line(kTimeWait, NetTable::Tcp);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->state, SocketState::TimeWait);
  EXPECT_EQ(record->inode, 0U);
}

TEST(NetTable, reads_ipv6_addresses_word_by_word) {
  EXPECT_EQ(to_string(parse_net_line(kListen6, NetTable::Tcp6).value().local), "[::]:22");
  EXPECT_EQ(to_string(parse_net_line(kMapped6, NetTable::Tcp6).value().local), "127.0.0.1:8080");
  EXPECT_EQ(to_string(parse_net_line(kLinkLocal6, NetTable::Udp6).value().local), "[fe80::1]:546");
  EXPECT_FALSE(parse_net_line(kListen6, NetTable::Tcp6).value().v6only);
}

TEST(NetTable, reads_the_drops_of_udp) {
  const auto record = parse_net_line(kUdp, NetTable::Udp);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->protocol, Protocol::Udp);
  EXPECT_EQ(record->state, SocketState::Close);
  EXPECT_EQ(to_string(record->local), "0.0.0.0:53");
  EXPECT_EQ(record->receive_queue, 768U);
  EXPECT_EQ(record->drops, 42U);
}

TEST(NetTable, knows_no_state_beyond_the_kernels) {
  std::string line(kListen);
  const std::size_t state = line.find(" 0A ") + 1;
  EXPECT_EQ(parse_net_line(line.replace(state, 2, "0D"), NetTable::Tcp).value().state,
            SocketState::BoundInactive);
  EXPECT_EQ(parse_net_line(line.replace(state, 2, "0E"), NetTable::Tcp).value().state, SocketState::Unknown);
  EXPECT_EQ(parse_net_line(line.replace(state, 2, "FF"), NetTable::Tcp).value().state, SocketState::Unknown);
}

TEST(NetTable, refuses_every_cut_line) {
  const auto refuses_prefixes = [](std::string_view line, NetTable table, std::string_view last_used) {
    const std::size_t end = line.find(last_used) + 1;  // one digit of the last column used is a number too
    for (std::size_t length = 0; length < end; ++length) {
      EXPECT_FALSE(parse_net_line(line.substr(0, length), table).has_value()) << length;
    }
  };
  refuses_prefixes(kListen, NetTable::Tcp, "1681");
  refuses_prefixes(kListen6, NetTable::Tcp6, "2222");
  refuses_prefixes(kUdp, NetTable::Udp, "42  ");
}

TEST(NetTable, refuses_malformed_columns) {
  const std::pair<std::string_view, std::string_view> kDamage[] = {
      {"0100007F:0277", "0100007F-0277"},
      {"0100007F:0277", "0100007F:277"},
      {"0100007F:0277", "0100007F:02770"},
      {"0100007F:0277", "100007F:0277"},
      {"0100007F:0277", "0100007G:0277"},
      {"0100007F:0277", "+100007F:0277"},
      {" 0A ", " A "},
      {" 0A ", " -A "},
      {"00000000:00000003", "0000000000000003"},
      {"00000000:00000003", "00000000:0000000x"},
      {"  101 ", "  -1 "},
      {"  101 ", "  4294967296 "},
      {" 1681 ", " 4294967296 "},
      {" 1681 ", " 0x91 "},
  };
  ASSERT_TRUE(parse_net_line(kListen, NetTable::Tcp).has_value());
  for (const auto& [part, damaged] : kDamage) {
    std::string line(kListen);
    line.replace(line.find(part), part.size(), damaged);
    EXPECT_FALSE(parse_net_line(line, NetTable::Tcp).has_value()) << line;
  }
  EXPECT_FALSE(parse_net_line(kListen6, NetTable::Tcp).has_value());
  EXPECT_FALSE(parse_net_line(kListen, NetTable::Tcp6).has_value());
}

TEST(NetTable, hands_over_all_lines_but_the_malformed) {
  FileTree net;
  net.write("tcp", std::string(kHeading) + std::string(kListen) + "\nrubbish\n\n" + std::string(kTimeWait) +
                       "\n" + std::string(kEstablished));
  RecordList sink;
  const auto stats = read_net_table(net.open(), NetTable::Tcp, sink, NamespaceId{9});
  ASSERT_TRUE(stats.ok()) << stats.error().message;
  EXPECT_EQ(stats->records, 3U);
  EXPECT_EQ(stats->malformed, 2U);
  ASSERT_EQ(sink.records.size(), 3U);
  EXPECT_EQ(sink.records[0].id, (SocketId{NamespaceId{9}, 1681}));
  EXPECT_EQ(sink.records[2].inode, 4711U);
}

TEST(NetTable, reads_files_larger_than_its_buffer) {
  std::string text(kHeading);
  for (int i = 0; i < 5000; ++i) text += std::string(kUdp) + "\n";
  FileTree net;
  net.write("udp", text);
  RecordList sink;
  const auto stats = read_net_table(net.open(), NetTable::Udp, sink);
  ASSERT_TRUE(stats.ok());
  EXPECT_EQ(stats->records, 5000U);
  EXPECT_EQ(stats->malformed, 0U);
}

TEST(NetTable, an_endless_line_is_skipped_and_the_next_one_read) {
  FileTree net;
  net.write("udp6",
            std::string(kHeading) + std::string(300'000, 'x') + "\n" + std::string(kLinkLocal6) + "\n");
  RecordList sink;
  const auto stats = read_net_table(net.open(), NetTable::Udp6, sink);
  ASSERT_TRUE(stats.ok());
  EXPECT_EQ(stats->records, 1U);
  EXPECT_GE(stats->malformed, 1U);
}

TEST(NetTable, a_missing_or_empty_table_is_told_apart) {
  FileTree net;
  net.write("tcp", kHeading);
  net.write("udp", "");
  RecordList sink;
  EXPECT_EQ(read_net_table(net.open(), NetTable::Tcp, sink).value().records, 0U);
  EXPECT_FALSE(read_net_table(net.open(), NetTable::Udp, sink)) << "the kernel writes a heading";
  EXPECT_EQ(read_net_table(net.open(), NetTable::Tcp6, sink).error().code, ENOENT);
}

TEST(NetTable, reads_raw_sockets_and_those_of_ping) {
  constexpr std::string_view kRaw =
      " 181: 0100007F:0059 00000000:0000 07 00000000:00000010 00:00000000 00000000     0        0 823 2 "
      "0000000078702441 3";
  const auto raw = parse_net_line(kRaw, NetTable::Raw);
  ASSERT_TRUE(raw.has_value());
  EXPECT_EQ(raw->protocol, Protocol::Raw);
  EXPECT_EQ(raw->type, SocketType::Raw);
  EXPECT_EQ(raw->local.port, 89U);
  EXPECT_EQ(raw->drops, 3U);
  EXPECT_TRUE(is_listener(*raw));
  const auto ping = parse_net_line(kRaw, NetTable::Icmp);
  ASSERT_TRUE(ping.has_value());
  EXPECT_EQ(ping->type, SocketType::Dgram);
  EXPECT_EQ(ping->local.port, 1U);  // ICMP, not the number it goes by
  EXPECT_EQ(protocol_of(NetTable::Icmp6), Protocol::Raw);
}

TEST(NetTable, reads_packet_sockets) {
  const auto record =
      parse_net_line("00000000f96a85dd 3      2    0800   7     1 64     1000   8239", NetTable::Packet);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->protocol, Protocol::Packet);
  EXPECT_EQ(record->type, SocketType::Dgram);
  EXPECT_EQ(record->local.port, 0x0800U);
  EXPECT_EQ(record->local.interface_index, 7U);
  EXPECT_EQ(record->receive_queue, 64U);
  EXPECT_EQ(record->uid, 1000U);
  EXPECT_EQ(record->inode, 8239U);
  EXPECT_FALSE(parse_net_line("00000000f96a85dd 3 2 0800 7 1 64 1000", NetTable::Packet));
  const auto removed = parse_net_line("00000000f96a85dd 3 3 0003 -1 0 0 0 8240", NetTable::Packet);
  ASSERT_TRUE(removed.has_value()) << "its interface was removed";
  EXPECT_EQ(removed->local.interface_index, kEveryInterface);
}

TEST(NetTable, reads_unix_sockets_with_whatever_name) {
  const auto read = [](std::string_view line) { return parse_net_line(line, NetTable::Unix); };
  const auto path = read("000000a4: 00000002 00000000 00010000 0001 01 4711 /run/a b.sock");
  ASSERT_TRUE(path.has_value());
  EXPECT_EQ(path->local.name, "/run/a b.sock");
  EXPECT_EQ(path->type, SocketType::Stream);
  EXPECT_TRUE(is_listener(*path));
  EXPECT_FALSE(path->uid_told);
  const auto abstract = read("000000a4: 00000002 00000000 00000000 0002 03 4712 @log");
  ASSERT_TRUE(abstract.has_value());
  EXPECT_EQ(abstract->local.name, std::string("\0log", 4));
  EXPECT_TRUE(is_listener(*abstract));
  const auto connected = read("000000a4: 00000003 00000000 00000000 0001 03 4713");
  ASSERT_TRUE(connected.has_value());
  EXPECT_FALSE(is_listener(*connected));
  EXPECT_FALSE(read("the rest of a name with a newline in it"));
}

TEST(NetTable, what_it_does_not_tell_is_not_taken_for_nothing) {
  const auto listener = parse_net_line(
      "   0: 00000000:0016 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 18190 1",
      NetTable::Tcp);
  ASSERT_TRUE(listener);
  EXPECT_TRUE(listener->queue_told);
  EXPECT_EQ(listener->receive_queue, 3U);
  EXPECT_FALSE(listener->limit_told);
  EXPECT_FALSE(listener->drops_told);
  const auto local = parse_net_line("0: 00000002 00000000 00010000 0001 01 4711 /run/a.sock", NetTable::Unix);
  ASSERT_TRUE(local);
  EXPECT_FALSE(local->queue_told || local->limit_told || local->drops_told);
}

TEST(NetTable, a_tcp_socket_that_is_only_bound_is_no_connection) {
  const auto bound = parse_net_line(
      "   0: 00000000:14EB 00000000:0000 07 00000000:00000000 00:00000000 00000000   981        0 21040 2",
      NetTable::Tcp);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->state, SocketState::BoundInactive);
}

}  // namespace
}  // namespace sockwatch
