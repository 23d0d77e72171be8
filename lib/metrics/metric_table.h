// SPDX-License-Identifier: Apache-2.0
// The names of all metrics: one table (metrics.def) that the page, the tests and the documentation read.
// Adding a metric is one entry there and one line in page.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sockwatch {

enum class MetricKind : std::uint8_t { Gauge, Counter, Histogram };

enum class Metric : std::uint8_t {
#define METRIC(id, ...) id,
#include "lib/metrics/metrics.def"
#undef METRIC
};

inline constexpr std::size_t kMaxLabels = 15;

struct MetricRow {
  MetricKind kind;
  std::string_view name;
  // One line without a backslash: the serialiser does not escape help texts.
  std::string_view help;
  std::array<std::string_view, kMaxLabels> labels;  // empty after the last

  constexpr std::size_t label_count() const {
    std::size_t count = 0;
    while (count < labels.size() && !labels[count].empty()) ++count;
    return count;
  }
};

// Indexed by Metric.
inline constexpr std::array kMetricTable = {
#define METRIC(id, kind, name, help, ...) MetricRow{MetricKind::kind, name, help, {__VA_ARGS__}},
#include "lib/metrics/metrics.def"
#undef METRIC
};

constexpr const MetricRow& row_of(Metric metric) {
  return kMetricTable[static_cast<std::size_t>(metric)];
}

}  // namespace sockwatch
