// SPDX-License-Identifier: Apache-2.0
#include "cli/idle.h"

#include <gtest/gtest.h>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = *parse_rfc3339("2026-03-01T00:00:00.000Z");

ReportedListener listener(std::uint16_t port, std::optional<Duration> seen,
                          std::optional<Duration> connected) {
  ReportedListener made;
  made.protocol = "tcp";
  made.address = "0.0.0.0";
  made.port = port;
  made.scope = "any";
  made.state = "listen";
  if (seen) made.first_seen = kNow - *seen;
  if (connected) made.last_connection = kNow - *connected;
  return made;
}

std::vector<std::uint16_t> ports_idle_for(Duration time, const std::vector<ReportedListener>& listeners) {
  std::vector<std::uint16_t> ports;
  for (const ReportedListener& each : idle_among(listeners, time, kNow)) ports.push_back(each.port);
  return ports;
}

TEST(Idle, is_whoever_had_no_connection_for_so_long_the_longest_first) {
  const std::vector<ReportedListener> listeners{listener(1, 100h, 10h), listener(2, 100h, 49h),
                                                listener(3, 100h, std::nullopt), listener(4, 100h, 48h),
                                                listener(5, 10h, std::nullopt)};
  EXPECT_EQ(ports_idle_for(48h, listeners), (std::vector<std::uint16_t>{3, 2, 4}));
}

TEST(Idle, is_nobody_of_whom_nothing_is_known) {
  ReportedListener udp = listener(53, 100h, std::nullopt);
  udp.protocol = "udp";
  udp.state = "close";
  EXPECT_TRUE(ports_idle_for(1h, {listener(1, std::nullopt, std::nullopt), udp}).empty());
}

TEST(Idle, is_told_with_its_owner_and_the_last_connection) {
  ReportedListener web = listener(80, 100h, 50h);
  web.unit = "nginx.service";
  EXPECT_EQ(
      idle_table(std::vector{listener(8080, 100h, std::nullopt), web}).render({}),
      "PROTO  ADDRESS  PORT  SCOPE  OWNER          LAST CONNECTION           FIRST SEEN\n"
      "tcp    0.0.0.0  8080  any    -              never seen                2026-02-24T20:00:00.000Z\n"
      "tcp    0.0.0.0    80  any    nginx.service  2026-02-26T22:00:00.000Z  2026-02-24T20:00:00.000Z\n");
}

}  // namespace
}  // namespace sockwatch
