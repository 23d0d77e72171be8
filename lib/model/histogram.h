// SPDX-License-Identifier: Apache-2.0
// A cumulative histogram as a plain value, in seconds. One writer; copied into a View for readers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/base/clock.h"

namespace sockwatch {

inline constexpr std::size_t kHistogramBounds = 12;
using HistogramBounds = std::array<double, kHistogramBounds>;

inline constexpr HistogramBounds kPollDurationBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,   0.05,    0.1,    0.5,   1,      5};
inline constexpr HistogramBounds kDetectionLatencyBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                         0.1,   0.25,   0.5,   1,    2.5,   10};

struct Histogram {
  HistogramBounds bounds{};                                  // upper, inclusive, ascending
  std::array<std::uint64_t, kHistogramBounds + 1> counts{};  // per bucket, not cumulative; the last is +Inf
  double sum = 0;

  void observe(Duration duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    std::size_t bucket = 0;
    while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
    ++counts[bucket];
    sum += seconds;
  }
};

}  // namespace sockwatch
