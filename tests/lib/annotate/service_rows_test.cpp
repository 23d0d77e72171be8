// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/service_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sockwatch {
namespace {

Result<std::vector<ServiceRow>> read(std::string_view text) {
  return read_service_rows("ports.tsv", text, ServiceSource::Override);
}

TEST(ServiceRows, reads_every_column) {
  const auto rows = read("8443\ttcp\tmy-app\tMy application\t私のアプリ\tstarttls\tmy-app over tls (9443)\n");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1U);
  const ServiceRow& row = rows->front();
  EXPECT_EQ(row.port, 8443);
  EXPECT_EQ(row.protocol, Protocol::Tcp);
  EXPECT_EQ(row.source, ServiceSource::Override);
  EXPECT_EQ(row.name, "my-app");
  EXPECT_EQ(row.title, "My application");
  EXPECT_EQ(row.title_ja, "私のアプリ");
  EXPECT_EQ(row.encryption, Encryption::StartTls);
  EXPECT_EQ(row.safer, "my-app over tls (9443)");
}

TEST(ServiceRows, makes_a_row_of_each_transport) {
  const auto rows = read("5000\ttcp,udp,sctp\tapp");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[0].protocol, Protocol::Tcp);
  EXPECT_EQ((*rows)[1].protocol, Protocol::Udp);
  EXPECT_EQ((*rows)[2].protocol, Protocol::Sctp);
  for (const ServiceRow& row : *rows) EXPECT_EQ(row.name, "app");
}

TEST(ServiceRows, takes_missing_and_empty_columns_and_dashes_as_unknown) {
  for (const char* text : {"1\ttcp\ta", "1\ttcp\ta\t", "1\ttcp\ta\t\t\t\t", "1\ttcp\ta\t-\t-\t-\t-"}) {
    const auto rows = read(text);
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 1U) << text;
    EXPECT_EQ(rows->front().name, "a");
    EXPECT_EQ(rows->front().title, "");
    EXPECT_EQ(rows->front().title_ja, "");
    EXPECT_EQ(rows->front().encryption, Encryption::Unknown);
    EXPECT_EQ(rows->front().safer, "");
  }
}

TEST(ServiceRows, accepts_what_is_of_the_form) {
  struct Case {
    std::string_view text;
    std::size_t rows;
  };
  const std::string longest = "1\ttcp\t" + std::string(63, 'a');
  const Case cases[] = {
      {"", 0},
      {"\n\n", 0},
      {"# a comment\n \t \n", 0},
      {"1\ttcp\ta\n65535\ttcp\ta", 2},
      {"1\ttcp\ta\r\n2\tudp\tb\ttitle\r\n\r\n", 2},
      {"1\ttcp\ta\n1\tudp\tb\n", 2},
      {"9100\ttcp\tnode_exporter\n22\ttcp\t3com-tsmux.v2\n", 2},
      {"1\ttcp\ta\t\t\tunknown", 1},
      {longest, 1},
  };
  for (const auto& [text, count] : cases) {
    const auto rows = read(text);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->size(), count) << text;
  }
}

TEST(ServiceRows, says_where_and_what_is_not_of_the_form) {
  const std::string port = " is not a port, expected a number from 1 to 65535";
  const std::string transport = " is not a transport, expected tcp, udp or sctp, or several with commas";
  const std::string name =
      " is not a service name, expected lower-case letters, digits, \"-\", \"_\" and \".\", at most 63 and "
      "at "
      "least one letter";
  const std::string missing =
      "a column is missing, expected port, transport and service with a tab between them";
  const std::string shown = " cannot be shown, expected UTF-8 without control characters or backslashes";
  const std::pair<std::string, std::string> cases[] = {
      {"80", "1:1: " + missing},
      {"80 tcp http", "1:1: " + missing},
      {"80\ttcp", "1:1: " + missing},
      {"# fine\n1\ttcp\ta\n80\ttcp", "3:1: " + missing},
      {"1\ttcp\ta\tb\tc\tno\t-\t",
       "1:18: one column too many, expected port, transport, service, title, title_ja, encrypted and safer"},
      {"\ttcp\ta", "1:1: \"\"" + port},
      {"0\ttcp\ta", "1:1: \"0\"" + port},
      {"70000\ttcp\ta", "1:1: \"70000\"" + port},
      {"-1\ttcp\ta", "1:1: \"-1\"" + port},
      {"+1\ttcp\ta", "1:1: \"+1\"" + port},
      {"0x50\ttcp\ta", "1:1: \"0x50\"" + port},
      {" 80\ttcp\ta", "1:1: \" 80\"" + port},
      {"80-90\ttcp\ta", "1:1: \"80-90\"" + port},
      {"\x1b[2J\ttcp\ta", "1:1: \"\\x1b[2J\"" + port},
      {std::string(41, '9') + "\ttcp\ta", "1:1: \"" + std::string(40, '9') + "...\"" + port},
      {"80\t\ta", "1:4: \"\"" + transport},
      {"80\tTCP\ta", "1:4: \"TCP\"" + transport},
      {"80\tmptcp\ta", "1:4: \"mptcp\"" + transport},
      {"80\ttcp,\ta", "1:8: \"\"" + transport},
      {"80\ttcp,dccp\ta", "1:8: \"dccp\"" + transport},
      {"80\ttcp, udp\ta", "1:8: \" udp\"" + transport},
      {"80\ttcp\t", "1:8: \"\"" + name},
      {"80\ttcp\tMyApp", "1:8: \"MyApp\"" + name},
      {"80\ttcp\tmy app", "1:8: \"my app\"" + name},
      {"80\ttcp\t8080", "1:8: \"8080\"" + name},
      {"80\ttcp\t-", "1:8: \"-\"" + name},
      {"80\ttcp\ta\"b", "1:8: \"a\"b\"" + name},
      {"80\ttcp\t" + std::string(64, 'a'), "1:8: \"" + std::string(40, 'a') + "...\"" + name},
      {"80\ttcp\ta\tb\\c", "1:10: \"b\\x5cc\"" + shown},
      {"80\ttcp\ta\tb\x01", "1:10: \"b\\x01\"" + shown},
      {"80\ttcp\ta\tb\r\r\n", "1:10: \"b\\x0d\"" + shown},
      {"80\ttcp\ta\tb\t\xff", "1:12: \"\\xff\"" + shown},
      {"80\ttcp\ta\tb\tc\tno\t\xc2\x9b", "1:17: \"\\xc2\\x9b\"" + shown},
      {"80\ttcp\ta\tb\tc\tmaybe",
       "1:14: \"maybe\" does not say whether it is encrypted, expected unknown, no, starttls or yes"},
      {"80\ttcp\ta\tb\t日本\tYes",
       "1:15: \"Yes\" does not say whether it is encrypted, expected unknown, no, starttls or yes"},
      {"80\ttcp\ta\n\n80\tudp,tcp\tb",
       "3:1: 80/tcp is in line 1 already, expected each port and transport once"},
      {"80\ttcp,tcp\ta", "1:1: 80/tcp is in line 1 already, expected each port and transport once"},
  };
  for (const auto& [text, error] : cases) {
    const auto rows = read(text);
    ASSERT_FALSE(rows) << text;
    EXPECT_EQ(rows.error().message, "ports.tsv:" + error) << text;
  }
}

TEST(ServiceRows, survives_any_byte_anywhere) {
  const std::string good = "80\ttcp,udp\tweb\tTitle\t題\tno\tother (443)\n81\tsctp\tx\n";
  for (std::size_t at = 0; at <= good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text.insert(at, 1, static_cast<char>(byte));
      const auto rows = read(text);
      if (rows) {
        EXPECT_LE(rows->size(), 3U);
      } else {
        EXPECT_EQ(rows.error().message.rfind("ports.tsv:", 0), 0U) << rows.error().message;
      }
    }
  }
}

}  // namespace
}  // namespace sockwatch
