// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/families.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

TEST(Families, a_gauge_is_help_type_and_value) {
  Families page;
  page.add(Metric::Namespaces, {"watched"}, 3);
  EXPECT_NE(
      page.text().find("# TYPE sockwatch_namespaces gauge\nsockwatch_namespaces{state=\"watched\"} 3\n"),
      std::string::npos);
}

TEST(Families, a_counter_says_so) {
  Families page;
  page.add(Metric::MalformedMessages, {}, 12);
  EXPECT_NE(page.text().find(
                "# TYPE sockwatch_malformed_messages_total counter\nsockwatch_malformed_messages_total 12\n"),
            std::string::npos);
}

TEST(Families, a_timestamp_keeps_its_fraction) {
  Families page;
  page.add(Metric::ConfigReloadTime, {}, 1767225600.25);
  EXPECT_NE(page.text().find("\nsockwatch_config_last_reload_success_timestamp_seconds 1767225600.25\n"),
            std::string::npos);
}

TEST(Families, histogram_buckets_are_cumulative) {
  Histogram histogram{kPollDurationBounds};
  histogram.observe(250us);
  histogram.observe(2ms);
  histogram.observe(30s);
  Families page;
  page.add(Metric::PollDuration, {"listeners"}, histogram);
  const std::string text = page.text();
  const std::string bucket = "sockwatch_poll_duration_seconds_bucket{kind=\"listeners\",le=";
  EXPECT_NE(text.find(bucket + "\"0.0001\"} 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find(bucket + "\"0.00025\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find(bucket + "\"0.0025\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find(bucket + "\"5\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find(bucket + "\"+Inf\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("sockwatch_poll_duration_seconds_count{kind=\"listeners\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("sockwatch_poll_duration_seconds_sum{kind=\"listeners\"} 30.00225\n"),
            std::string::npos);
}

TEST(Families, quotes_and_backslashes_in_labels_are_escaped) {
  Families page;
  page.add(Metric::MissingListeners, {"a\"b\\c"}, 1);
  EXPECT_NE(page.text().find("sockwatch_missing_listeners{rule=\"a\\\"b\\\\c\"} 1\n"), std::string::npos);
}

TEST(Families, every_metric_of_the_table_is_announced) {
  const std::string text = Families().text();
  for (const MetricRow& row : kMetricTable) {
    EXPECT_NE(text.find("# HELP " + std::string(row.name) + " "), std::string::npos) << row.name;
    EXPECT_NE(text.find("# TYPE " + std::string(row.name) + " "), std::string::npos) << row.name;
  }
}

}  // namespace
}  // namespace sockwatch
