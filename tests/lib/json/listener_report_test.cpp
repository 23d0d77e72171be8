// SPDX-License-Identifier: Apache-2.0
#include "lib/json/listener_report.h"

#include <gtest/gtest.h>

#include "lib/base/text.h"
#include "lib/json/json.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(ListenerReport, reads_back_what_is_served) {
  Listener web = listener(listening(Protocol::Tcp, "10.1.2.3", 80, 1));
  web.annotation.scope = Scope::Private;
  web.annotation.owner.unit = "nginx.service";
  web.first_seen.wall = *parse_rfc3339("2026-01-01T00:00:00.000Z");
  web.last_connection = *parse_rfc3339("2026-02-01T00:00:00.250Z");
  const Listener dns = listener(listening(Protocol::Udp, "::", 53, 2));
  const std::vector<std::string> sockets{listener_json(web, 3), listener_json(dns)};
  const auto report = read_listener_report(list_document(true, {}, sockets));
  ASSERT_TRUE(report.ok()) << report.error().message;
  ASSERT_EQ(report->size(), 2U);
  const ReportedListener& first = report->front();
  EXPECT_EQ(first.protocol, "tcp");
  EXPECT_EQ(first.address, "10.1.2.3");
  EXPECT_EQ(first.port, 80);
  EXPECT_EQ(first.scope, "private");
  EXPECT_EQ(first.unit, "nginx.service");
  EXPECT_EQ(first.state, "listen");
  EXPECT_EQ(first.first_seen, web.first_seen.wall);
  EXPECT_EQ(first.last_connection, web.last_connection);
  EXPECT_EQ(first.json, sockets.front());
  EXPECT_FALSE(report->back().first_seen);
  EXPECT_FALSE(report->back().last_connection);
}

TEST(ListenerReport, looks_over_what_is_strange_in_one_key) {
  const auto report = read_listener_report(
      R"({"schema":1,"new":{},"sockets":[{"port":70000,"protocol":7,"first_seen":"yesterday"}]})");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->front().port, 0);
  EXPECT_EQ(report->front().protocol, "");
  EXPECT_FALSE(report->front().first_seen);
}

TEST(ListenerReport, what_is_no_list_is_an_error) {
  for (const char* text :
       {"", "{", "[]", "null", R"({"sockets":[]})", R"({"schema":2,"sockets":[]})", R"({"schema":1})",
        R"({"schema":1,"sockets":{}})", R"({"schema":1,"sockets":[1]})", "\xff\xfe"}) {
    EXPECT_FALSE(read_listener_report(text).ok()) << text;
  }
}

}  // namespace
}  // namespace sockwatch
