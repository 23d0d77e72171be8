// SPDX-License-Identifier: Apache-2.0
// A metrics page under construction: one prometheus family a row of the table, filled with samples, then
// written as text. The only place that talks to prometheus-cpp.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

#include "lib/metrics/metric_table.h"
#include "lib/model/histogram.h"

namespace sockwatch {

// Values in the order of the metric's labels in the table. They are trusted to be label_text() or words.
using LabelValues = std::vector<std::string_view>;

class Families {
 public:
  Families();

  // Each label set once: a page that repeats one is refused as a whole by Prometheus.
  void add(Metric metric, const LabelValues& labels, double value);
  void add(Metric metric, const LabelValues& labels, const Histogram& histogram);

  // The text exposition format, version 0.0.4.
  std::string text() const;

 private:
  prometheus::ClientMetric& sample(Metric metric, const LabelValues& labels);

  std::vector<prometheus::MetricFamily> families_;
  std::vector<std::vector<std::string_view>> label_names_;  // by Metric
};

}  // namespace sockwatch
