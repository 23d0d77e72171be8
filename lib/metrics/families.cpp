// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/families.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

namespace sockwatch {

namespace {

prometheus::MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::Counter:
      return prometheus::MetricType::Counter;
    case MetricKind::Histogram:
      return prometheus::MetricType::Histogram;
    case MetricKind::Gauge:
      break;
  }
  return prometheus::MetricType::Gauge;
}

}  // namespace

Families::Families() {
  families_.reserve(kMetricTable.size());
  label_names_.reserve(kMetricTable.size());
  for (const MetricRow& row : kMetricTable) {
    families_.push_back({std::string(row.name), std::string(row.help), type_of(row.kind), {}});
    label_names_.push_back(labels_of(static_cast<Metric>(label_names_.size())));
  }
}

void Families::add(Metric metric, const LabelValues& labels, double value) {
  prometheus::ClientMetric& added = sample(metric, labels);
  if (row_of(metric).kind == MetricKind::Counter) {
    added.counter.value = value;
  } else {
    added.gauge.value = value;
  }
}

void Families::add(Metric metric, const LabelValues& labels, const Histogram& histogram) {
  prometheus::ClientMetric::Histogram& added = sample(metric, labels).histogram;
  // Ours counts per bucket, the format wants "this much or less"; the last count has no bound but +Inf.
  for (std::size_t i = 0; i < histogram.bounds.size(); ++i) {
    added.sample_count += histogram.counts[i];
    added.bucket.push_back({added.sample_count, histogram.bounds[i]});
  }
  added.sample_count += histogram.counts.back();
  added.sample_sum = histogram.sum;
}

std::string Families::text() const {
  return prometheus::TextSerializer().Serialize(families_);
}

prometheus::ClientMetric& Families::sample(Metric metric, const LabelValues& labels) {
  const std::vector<std::string_view>& names = label_names_[static_cast<std::size_t>(metric)];
  prometheus::ClientMetric added;
  const std::size_t count = std::min(labels.size(), names.size());
  added.label.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    added.label.push_back({std::string(names[i]), std::string(labels[i])});
  }
  auto& family = families_[static_cast<std::size_t>(metric)].metric;
  family.push_back(std::move(added));
  return family.back();
}

}  // namespace sockwatch
