// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

TEST(Clock, a_later_instant_is_later_on_both_clocks) {
  const Instant start{MonotonicTime(5s), WallTime(1000s)};
  EXPECT_EQ(start + 250ms, (Instant{MonotonicTime(5250ms), WallTime(1000250ms)}));
}

TEST(Clock, a_fake_clock_stands_still_until_told_otherwise) {
  FakeClock clock;
  const Instant before = clock.now();
  EXPECT_EQ(clock.now(), before);
  clock.advance(3s);
  EXPECT_EQ(clock.now(), before + 3s);
}

TEST(Clock, monotonic_time_never_goes_back) {
  const SystemClock clock;
  const Instant first = clock.now();
  EXPECT_LE(first.monotonic, clock.now().monotonic);
}

TEST(Clock, work_costs_the_thread_cpu_time) {
  const Duration before = thread_cpu_time();
  while (thread_cpu_time() == before) {
  }
  EXPECT_GT(thread_cpu_time(), before);
}

}  // namespace
}  // namespace sockwatch
