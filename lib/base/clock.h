// SPDX-License-Identifier: Apache-2.0
// Time, read in one place so that tests and replays can supply their own.
// Decisions use the monotonic part; the wall-clock part is only ever shown to people.
#pragma once

#include <time.h>

#include <chrono>

namespace sockwatch {

using Duration = std::chrono::nanoseconds;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

// The same moment on both clocks.
struct Instant {
  MonotonicTime monotonic{};
  WallTime wall{};

  friend bool operator==(const Instant&, const Instant&) = default;
};

inline Instant operator+(Instant at, Duration by) {
  return {at.monotonic + by, at.wall + by};
}

// CPU time the calling thread has used (CLOCK_THREAD_CPUTIME_ID).
inline Duration thread_cpu_time() {
  timespec used{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);  // cannot fail for the own thread
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME. Safe from any thread.
class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
  }
};

}  // namespace sockwatch
