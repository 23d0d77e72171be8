// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/service_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/annotate/data/tables.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

// "name source", or "nothing".
std::string found(const ServiceTable& table, Protocol protocol, std::uint16_t port) {
  const auto service = table.find(protocol, port);
  return service ? service->name + " " + std::string(word(service->source)) : "nothing";
}

std::vector<std::string> listed(const std::vector<ServiceTable::Entry>& entries) {
  std::vector<std::string> lines;
  for (const auto& [port, protocol, service] : entries) {
    lines.push_back(std::to_string(port) + "/" + std::string(word(protocol)) + " " + service.name + " " +
                    std::string(word(service.source)));
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(ServiceTable, names_ports_as_the_people_who_run_them_do) {
  struct Case {
    std::uint16_t port;
    Protocol protocol;
    std::string_view expected;
  };
  const Case cases[] = {
      {22, Protocol::Tcp, "ssh common"},
      {53, Protocol::Udp, "dns common"},
      {443, Protocol::Tcp, "https common"},
      {443, Protocol::Udp, "https common"},
      {54321, Protocol::Tcp, "netbios common"},
      {9200, Protocol::Tcp, "elasticsearch common"},
      {27017, Protocol::Tcp, "mongodb common"},
      {3000, Protocol::Tcp, "grafana overlay"},
      {5601, Protocol::Tcp, "kibana overlay"},
      {6443, Protocol::Tcp, "kube-apiserver overlay"},
      {9090, Protocol::Tcp, "prometheus overlay"},
      {9092, Protocol::Tcp, "kafka overlay"},
      {9100, Protocol::Tcp, "node_exporter overlay"},
      {10250, Protocol::Tcp, "kubelet overlay"},
      {10762, Protocol::Tcp, "sockwatch overlay"},
      {15672, Protocol::Tcp, "rabbitmq-management overlay"},
      {51820, Protocol::Udp, "wireguard overlay"},
      {1, Protocol::Tcp, "tcpmux iana"},  // the first row
      {8081, Protocol::Tcp, "sunproxyadmin iana"},
      {9100, Protocol::Udp, "pdl-datastream iana"},
      {1138, Protocol::Tcp, "encrypted-admin iana"},
      {38412, Protocol::Sctp, "ng-control iana"},
      {48619, Protocol::Udp, "iqobject iana"},
      {49000, Protocol::Tcp, "matahari iana"},
      {49150, Protocol::Tcp, "inspider iana"},  // the last row
      {49150, Protocol::Udp, "nothing"},
      {0, Protocol::Tcp, "nothing"},
      {4, Protocol::Tcp, "nothing"},  // unassigned
      {51820, Protocol::Tcp, "nothing"},
      {64999, Protocol::Tcp, "nothing"},
      {65535, Protocol::Udp, "nothing"},
  };
  const ServiceTable table;
  for (const auto& [port, protocol, expected] : cases) {
    EXPECT_EQ(found(table, protocol, port), expected) << port << "/" << word(protocol);
  }
}

TEST(ServiceTable, knows_every_port_of_the_registry_s_ranges) {
  const ServiceTable table;
  for (std::uint16_t port = 6000; port <= 6063; ++port) {
    EXPECT_EQ(found(table, Protocol::Tcp, port), "x11 iana") << port;
    EXPECT_EQ(found(table, Protocol::Udp, port), "x11 iana") << port;
  }
  EXPECT_EQ(found(table, Protocol::Tcp, 5999), "cvsup iana");
  EXPECT_EQ(found(table, Protocol::Tcp, 6064), "ndl-ahp-svc iana");
  EXPECT_EQ(found(table, Protocol::Tcp, 27009), "flex-lm iana");
  EXPECT_EQ(found(table, Protocol::Tcp, 6665), "ircu iana");
  EXPECT_EQ(found(table, Protocol::Udp, 6665), "nothing");
  EXPECT_EQ(found(table, Protocol::Tcp, 4299), "vrml-multi-use iana");
}

TEST(ServiceTable, looks_mptcp_up_as_tcp_and_udplite_as_udp) {
  const ServiceTable table;
  EXPECT_EQ(found(table, Protocol::Mptcp, 22), "ssh common");
  EXPECT_EQ(found(table, Protocol::Mptcp, 8081), "sunproxyadmin iana");
  EXPECT_EQ(found(table, Protocol::Udplite, 53), "dns common");
  EXPECT_EQ(found(table, Protocol::Udplite, 22), "ssh iana");
}

TEST(ServiceTable, finds_nothing_where_numbers_are_no_ports) {
  const ServiceTable table;
  for (const Protocol protocol : {Protocol::Raw, Protocol::Packet, Protocol::Unix, Protocol::Vsock}) {
    EXPECT_EQ(found(table, protocol, 22), "nothing");
  }
}

TEST(ServiceTable, tells_all_it_knows_of_a_service) {
  const ServiceTable table;
  EXPECT_EQ(table.find(Protocol::Tcp, 25),
            (Service{"smtp", "Simple Mail Transfer Protocol", "メール送信プロトコル",
                     "smtps (465) or submission with STARTTLS (587)", Encryption::StartTls,
                     ServiceSource::Common}));
  EXPECT_EQ(table.find(Protocol::Udp, 51820),
            (Service{"wireguard", "WireGuard", "WireGuard", "", Encryption::Yes, ServiceSource::Overlay}));
  EXPECT_EQ(table.find(Protocol::Tcp, 8081),
            (Service{"sunproxyadmin", "", "", "", Encryption::Unknown, ServiceSource::Iana}));
}

TEST(ServiceTable, lists_weaker_names_of_a_port_after_the_strongest) {
  const auto table = ServiceTable::with_overrides("ports.tsv", "9100\tudp\tmine\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(listed(table->entries_of(9100)),
            (Lines{"9100/udp mine override", "9100/tcp node_exporter overlay", "9100/tcp pdl-datastream iana",
                   "9100/udp pdl-datastream iana"}));
  EXPECT_EQ(listed(table->entries_of(54321)),
            (Lines{"54321/tcp netbios common", "54321/udp netbios common"}));
  EXPECT_EQ(listed(table->entries_of(64999)), Lines{});
  EXPECT_EQ(listed(table->entries_of(0)), Lines{});
}

TEST(ServiceTable, lists_all_ports_of_a_name_in_any_case) {
  const ServiceTable table;
  EXPECT_EQ(listed(table.entries_named("SSH")),
            (Lines{"22/tcp ssh common", "22/tcp ssh iana", "22/udp ssh iana", "22/sctp ssh iana"}));
  EXPECT_EQ(listed(table.entries_named("vxlan")),
            (Lines{"4789/udp vxlan overlay", "8472/udp vxlan overlay", "4789/udp vxlan iana"}));
  EXPECT_EQ(listed(table.entries_named("websm")), (Lines{"9090/tcp websm iana", "9090/udp websm iana"}));
  EXPECT_EQ(listed(table.entries_named("")), Lines{});
  EXPECT_EQ(listed(table.entries_named("ss")), Lines{});
}

TEST(ServiceTable, lets_the_user_s_file_win) {
  const auto table =
      ServiceTable::with_overrides("ports.tsv", "22\ttcp\tbastion\tOurs\n64999\tudp\ttelemetry\t\t\tyes\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->find(Protocol::Tcp, 22),
            (Service{"bastion", "Ours", "", "", Encryption::Unknown, ServiceSource::Override}));
  EXPECT_EQ(found(*table, Protocol::Udp, 64999), "telemetry override");
  EXPECT_EQ(found(*table, Protocol::Udp, 22), "ssh iana");
  EXPECT_EQ(found(*table, Protocol::Tcp, 80), "http common");
}

TEST(ServiceTable, refuses_a_whole_file_for_one_bad_line) {
  const auto table = ServiceTable::with_overrides("/etc/ports.tsv", "22\ttcp\tbastion\n70000\ttcp\tmine\n");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message,
            "/etc/ports.tsv:2:1: \"70000\" is not a port, expected a number from 1 to 65535");
}

TEST(ServiceTable, keeps_its_names_when_it_and_the_file_s_text_move_on) {
  ServiceTable kept;
  {
    std::string text = "7\ttcp\ta\n";  // short enough to live inside the string object
    auto table = ServiceTable::with_overrides("ports.tsv", text);
    ASSERT_TRUE(table) << table.error().message;
    text.assign(text.size(), 'x');
    kept = *std::move(table);
  }
  const ServiceTable copy = kept;
  kept = ServiceTable();
  EXPECT_EQ(found(copy, Protocol::Tcp, 7), "a override");
  EXPECT_EQ(found(kept, Protocol::Tcp, 7), "echo iana");
}

// The checked-in tables themselves.

TEST(ServiceTables, common_and_overlay_are_of_the_form_sorted_and_apart) {
  const std::pair<std::string_view, std::string_view> files[] = {{"common-ports.tsv", kCommonPorts},
                                                                 {"overlay-ports.tsv", kOverlayPorts}};
  std::set<std::pair<std::uint16_t, Protocol>> seen;
  for (const auto& [name, text] : files) {
    const auto rows = read_service_rows(name, text, ServiceSource::Common);
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_GT(rows->size(), 40U);
    std::pair<std::uint16_t, Protocol> last{};
    for (const ServiceRow& row : *rows) {
      const std::pair place(row.port, row.protocol);
      EXPECT_LT(last, place) << name << ": " << row.port << " is out of order";
      EXPECT_TRUE(seen.insert(place).second) << row.port << "/" << word(row.protocol) << " is in both";
      EXPECT_NE(row.title, "") << row.name;
      EXPECT_NE(row.title_ja, "") << row.name;
      EXPECT_FALSE(row.encryption == Encryption::Yes && !row.safer.empty()) << row.name << " is safe already";
      last = place;
    }
  }
}

TEST(ServiceTables, iana_has_one_well_formed_name_for_each_pair_in_order) {
  std::pair<std::uint16_t, Protocol> last{};
  std::size_t rows = 0;
  for (const std::string_view line : split(kIanaPorts, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto fields = split(line, ',');
    ASSERT_EQ(fields.size(), 3U) << line;
    const auto port = parse_integer<std::uint16_t>(fields[0]);
    const auto transport = parse_word<Protocol>(fields[1]);
    ASSERT_TRUE(port && *port != 0 && transport) << line;
    EXPECT_EQ(fields[2].find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string_view::npos)
        << line;
    EXPECT_TRUE(!fields[2].empty() && fields[2].size() <= 15) << line;
    EXPECT_LT(last, std::pair(*port, *transport)) << line;
    last = {*port, *transport};
    ++rows;
  }
  EXPECT_GT(rows, 11000U);
}

TEST(ServiceTables, every_row_of_iana_is_found_by_its_port) {
  const ServiceTable table;
  for (const std::string_view line : split(kIanaPorts, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto fields = split(line, ',');
    const std::string wanted =
        std::string(fields[0]) + "/" + std::string(fields[1]) + " " + std::string(fields[2]);
    const Lines entries = listed(table.entries_of(parse_integer<std::uint16_t>(fields[0]).value_or(0)));
    EXPECT_EQ(std::count(entries.begin(), entries.end(), wanted + " iana"), 1) << wanted;
  }
}

}  // namespace
}  // namespace sockwatch
