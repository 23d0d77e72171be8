// SPDX-License-Identifier: Apache-2.0
#include "lib/web/health.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

TEST(Health, lasts_as_long_as_the_last_look_is_young) {
  FakeClock clock;
  View view;
  view.totals.looks[static_cast<std::size_t>(LookKind::Listeners)].last_success = clock.now();
  clock.advance(30s);
  EXPECT_TRUE(is_healthy(view, clock.now(), 30s));
  clock.advance(1ns);
  EXPECT_FALSE(is_healthy(view, clock.now(), 30s));
}

TEST(Health, a_look_at_connections_does_not_count) {
  const Instant now = FakeClock().now();
  View view;
  view.totals.looks[static_cast<std::size_t>(LookKind::Connections)].last_success = now;
  EXPECT_FALSE(is_healthy(view, now, 30s));
}

TEST(Health, a_jump_of_the_wall_clock_changes_nothing) {
  const Instant now = FakeClock().now();
  View view;
  view.totals.looks[static_cast<std::size_t>(LookKind::Listeners)].last_success = now;
  EXPECT_TRUE(is_healthy(view, {now.monotonic, now.wall + 24h}, 30s));
}

}  // namespace
}  // namespace sockwatch
