// SPDX-License-Identifier: Apache-2.0
// The names of all metrics: one table (metrics.def) that the page, the tests and the documentation read.
// Adding a metric is one entry there and one line in page.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sockwatch {

enum class MetricKind : std::uint8_t { Gauge, Counter, Histogram };

enum class Metric : std::uint8_t {
#define METRIC(id, ...) id,
#include "lib/metrics/metrics.def"
#undef METRIC
};

inline constexpr std::size_t kMaxLabels = 5;

struct MetricRow {
  MetricKind kind;
  std::string_view name;
  // One line without a backslash: the serialiser does not escape help texts.
  std::string_view help;
  std::array<std::string_view, kMaxLabels> labels;  // empty after the last; read them by labels_of()
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

// In the order of the page. Those of ListenerInfo are the endpoint's and one for each property that is a
// label.
std::vector<std::string_view> labels_of(Metric metric);

}  // namespace sockwatch
