// SPDX-License-Identifier: Apache-2.0
#include "cli/port_names.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

std::vector<ServiceTable::Entry> find(std::string_view asked, const ServiceTable& services = {}) {
  return find_ports(services, parse_port_or_name(asked).value());
}

std::string table(std::string_view asked, const ServiceTable& services = {}) {
  return port_table(find(asked, services)).render({});
}

TEST(PortNames, a_port_of_one_protocol_has_one_row_where_the_tables_agree) {
  EXPECT_EQ(table("22/tcp"),
            "PORT  PROTO  SERVICE  CATEGORY    ENCRYPTED  SOURCE  TITLE\n"
            "  22  tcp    ssh      well-known  yes        common  Secure Shell\n");
}

TEST(PortNames, where_the_tables_differ_the_strongest_comes_first) {
  EXPECT_EQ(table("9100"),
            "PORT  PROTO  SERVICE         CATEGORY    ENCRYPTED  SOURCE   TITLE                              "
            "         "
            "  SAFER\n"
            "9100  tcp    node_exporter   registered  no         overlay  Prometheus node exporter (also raw "
            "printing)"
            "  the same port with TLS on\n"
            "9100  tcp    pdl-datastream  registered  -          iana\n"
            "9100  udp    pdl-datastream  registered  -          iana\n");
}

TEST(PortNames, a_file_of_ones_own_comes_before_everything) {
  const auto services = ServiceTable::with_overrides("own.tsv", "9100\ttcp\tprinter\n").value();
  const auto entries = find("9100/tcp", services);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].service.name, "printer");
  EXPECT_EQ(entries[0].service.source, ServiceSource::Override);
}

TEST(PortNames, a_name_finds_its_ports_in_any_case) {
  const auto entries = find("SSH/tcp");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].port, 22);
}

TEST(PortNames, a_name_may_mean_several_ports_in_order) {
  const auto services =
      ServiceTable::with_overrides("own.tsv", "9002\ttcp\town\n9001\tudp\town\n9001\ttcp\town\n").value();
  std::string found;
  for (const auto& entry : find("own", services)) {
    found += std::to_string(entry.port) + "/" + std::string(word(entry.protocol)) + " ";
  }
  EXPECT_EQ(found, "9001/tcp 9001/udp 9002/tcp ");
}

TEST(PortNames, what_runs_on_tcp_and_udp_has_their_names) {
  EXPECT_EQ(find("mptcp/22").size(), 1U);
  EXPECT_EQ(find("udplite/53").front().protocol, Protocol::Udp);
}

TEST(PortNames, what_nobody_knows_is_nothing) {
  EXPECT_TRUE(find("no-such-service").empty());
  EXPECT_TRUE(find("22/udplite").size() == find("22/udp").size());
  EXPECT_EQ(ports_document({}), R"({"schema":1,"ports":[]})");
}

TEST(PortNames, the_document_leaves_out_what_is_not_known) {
  EXPECT_EQ(
      ports_document(find("22/tcp")),
      R"({"schema":1,"ports":[{"port":22,"protocol":"tcp","service":"ssh","title":"Secure Shell",)"
      R"("title_ja":"\u30bb\u30ad\u30e5\u30a2\u30b7\u30a7\u30eb","category":"well-known","encrypted":"yes",)"
      R"("source":"common"}]})");
  EXPECT_EQ(ports_document(find("22/sctp")),
            R"({"schema":1,"ports":[{"port":22,"protocol":"sctp","service":"ssh","category":"well-known",)"
            R"("source":"iana"}]})");
}

TEST(PortNames, what_was_asked_for_can_be_said) {
  EXPECT_EQ(to_string(parse_port_or_name("9").value()), "port 9");
  EXPECT_EQ(to_string(parse_port_or_name("udp/9").value()), "port 9/udp");
  EXPECT_EQ(to_string(parse_port_or_name("sssh/tcp").value()), "\"sssh\"/tcp");
}

}  // namespace
}  // namespace sockwatch
