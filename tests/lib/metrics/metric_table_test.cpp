// SPDX-License-Identifier: Apache-2.0
// Naming rules that promtool does not check, over the whole table.
#include "lib/metrics/metric_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

namespace sockwatch {
namespace {

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [name](std::string_view end) { return name.ends_with(end); });
}

TEST(MetricTable, names_are_lower_case_with_the_prefix) {
  const std::regex pattern("(sockwatch|process)(_[a-z][a-z0-9]*)+");
  for (const MetricRow& row : kMetricTable) {
    EXPECT_TRUE(std::regex_match(std::string(row.name), pattern)) << row.name;
  }
}

TEST(MetricTable, names_are_unique) {
  std::set<std::string_view> names;
  for (const MetricRow& row : kMetricTable) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

// https://prometheus.io/docs/instrumenting/writing_clientlibs: the reserved prefix has fixed names.
TEST(MetricTable, process_metrics_are_the_standard_ones) {
  const std::set<std::string_view> standard = {"process_cpu_seconds_total", "process_resident_memory_bytes",
                                               "process_open_fds", "process_max_fds",
                                               "process_start_time_seconds"};
  for (const MetricRow& row : kMetricTable) {
    if (row.name.starts_with("process_")) {
      EXPECT_TRUE(standard.contains(row.name)) << row.name;
    }
  }
}

TEST(MetricTable, total_is_for_counters_and_for_all_of_them) {
  for (const MetricRow& row : kMetricTable) {
    EXPECT_EQ(row.name.ends_with("_total"), row.kind == MetricKind::Counter) << row.name;
  }
}

TEST(MetricTable, suffixes_the_format_adds_itself_are_not_used) {
  for (const MetricRow& row : kMetricTable) {
    EXPECT_FALSE(ends_with_any(row.name, {"_count", "_sum", "_bucket"})) << row.name;
  }
}

TEST(MetricTable, units_are_base_units) {
  const std::regex not_base(
      "_(ms|us|ns|millis|milliseconds|microseconds|minutes|hours|days|kb|mb|kilobytes|kbytes|"
      "bits|percent|pct)(_|$)");
  for (const MetricRow& row : kMetricTable) {
    EXPECT_FALSE(std::regex_search(std::string(row.name), not_base)) << row.name;
    if (row.kind == MetricKind::Histogram) {
      EXPECT_TRUE(row.name.ends_with("_seconds")) << row.name;
    }
    if (row.name.find("timestamp") != std::string_view::npos) {
      EXPECT_TRUE(row.name.ends_with("_timestamp_seconds")) << row.name;
    }
  }
}

TEST(MetricTable, the_type_is_not_in_the_name) {
  for (const MetricRow& row : kMetricTable) {
    EXPECT_FALSE(
        std::regex_search(std::string(row.name), std::regex("_(gauge|counter|histogram|metric)(_|$)")))
        << row.name;
  }
}

TEST(MetricTable, labels_are_bounded_and_clash_with_nobody) {
  // Reserved by Prometheus, set by service discovery, or without a bound.
  const std::set<std::string_view> denied = {"le",        "quantile",    "type",
                                             "job",       "instance",    "region",
                                             "zone",      "cluster",     "availability_zone",
                                             "az",        "datacenter",  "dc",
                                             "owner",     "customer",    "stage",
                                             "service",   "environment", "env",
                                             "pid",       "ppid",        "tgid",
                                             "inode",     "cookie",      "fd",
                                             "cmdline",   "exe",         "uid",
                                             "peer",      "remote",      "peer_address",
                                             "peer_port", "src",         "dst",
                                             "failed",    "error",       "time",
                                             "timestamp"};
  const std::regex pattern("[a-z]+(_[a-z]+)*");
  for (const MetricRow& row : kMetricTable) {
    std::set<std::string_view> seen;
    const auto metric = static_cast<Metric>(&row - kMetricTable.data());
    for (const std::string_view label : labels_of(metric)) {
      EXPECT_TRUE(std::regex_match(std::string(label), pattern)) << row.name << " " << label;
      EXPECT_FALSE(denied.contains(label)) << row.name << " " << label;
      EXPECT_TRUE(seen.insert(label).second) << row.name << " has " << label << " twice";
    }
  }
}

TEST(MetricTable, help_is_one_plain_sentence_or_more) {
  for (const MetricRow& row : kMetricTable) {
    EXPECT_EQ(row.help.find_first_of("\n\r\\\t"), std::string_view::npos) << row.name;
    EXPECT_TRUE(row.help.ends_with('.')) << row.name;
    EXPECT_GT(row.help.size(), 20U) << row.name;
    EXPECT_LT(row.help.size(), 160U) << row.name;
  }
}

TEST(MetricTable, each_metric_finds_its_own_row) {
  EXPECT_EQ(row_of(Metric::BuildInfo).name, "sockwatch_build_info");
  EXPECT_EQ(labels_of(Metric::BuildInfo), (std::vector<std::string_view>{"version", "revision"}));
  const std::vector<std::string_view> labels = labels_of(Metric::ListenerInfo);
  ASSERT_GT(labels.size(), 4U);
  EXPECT_EQ(labels[3], "port");
  for (const std::string_view label : {"process", "verdict", "rule"})
    EXPECT_EQ(std::count(labels.begin(), labels.end(), label), 1) << label;
  EXPECT_EQ(row_of(Metric::ProcessStart).name, "process_start_time_seconds");
}

}  // namespace
}  // namespace sockwatch
