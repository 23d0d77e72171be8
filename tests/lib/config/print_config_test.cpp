// SPDX-License-Identifier: Apache-2.0
#include "lib/config/print_config.h"

#include <gtest/gtest.h>

#include "lib/config/settings_loader.h"

namespace sockwatch {
namespace {

void expect_equal(const Settings& a, const Settings& b) {
  EXPECT_EQ(a.watch, b.watch);
  EXPECT_EQ(a.metrics, b.metrics);
  EXPECT_EQ(a.web, b.web);
  EXPECT_EQ(a.policy, b.policy);
  EXPECT_EQ(a.alerts, b.alerts);
  EXPECT_EQ(a.annotate, b.annotate);
}

TEST(PrintConfig, shows_defaults_as_defaults) {
  EXPECT_EQ(print_config({}), R"([watch]
listeners = "250ms"                           # default
connections = "10s"                           # default
events = "auto"                               # default
owners = "auto"                               # default
connections_source = "auto"                   # default
namespaces = "all"                            # default
families = ["tcp", "udp", "mptcp", "udplite", "raw", "packet", "unix", "vsock", "sctp"]  # default
cpu_budget = "2%"                             # default
hidden = "10m"                                # default
max_listeners = 50000                         # default

[metrics]
address = "127.0.0.1:10762"                   # default
max_series = 1024                             # default
web_config_file = ""                          # default

[web]
allowed_hosts = []                            # default

[policy]
default = "alert"                             # default
first_run = "learn"                           # default
restart_grace = "30s"                         # default
owner_grace = "2s"                            # default
plaintext_scope = "private"                   # default

[alerts]
journal = true                                # default
webhook = []                                  # default

[annotate]
services_file = ""                            # default
)");
}

TEST(PrintConfig, says_where_each_value_was_set) {
  auto settings = parse_settings("/etc/a.toml", "[watch]\nevents = \"off\"\n");
  ASSERT_TRUE(settings);
  ASSERT_TRUE(override_listen_addresses(*settings, {":1"}));
  const std::string text = print_config(*settings);
  EXPECT_NE(text.find("events = \"off\"                                # /etc/a.toml:2\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("address = \"[::]:1\"                            # --web.listen-address\n"),
            std::string::npos)
      << text;
}

TEST(PrintConfig, loads_to_the_same_settings) {
  const auto settings = parse_settings("evil\n[watch]\nlisteners = 1", R"(
[watch]
listeners = "1m"
connections = "24h"
events = "off"
families = ["udp"]
cpu_budget = "0.07%"
[metrics]
address = "[::1]:1"
max_series = 1
[policy]
default = "expect"
first_run = "strict"
restart_grace = "90s"
owner_grace = "1500ms"
plaintext_scope = "loopback"
[alerts]
journal = false
[annotate]
services_file = "/a \"quoted\"\n\\path/端口"
)");
  ASSERT_TRUE(settings) << settings.error().message;
  const auto again = parse_settings("printed", print_config(*settings));
  ASSERT_TRUE(again) << again.error().message;
  expect_equal(*again, *settings);
}

TEST(PrintConfig, every_share_of_a_core_survives) {
  for (int points = 1; points <= 10000; points += 7) {
    Settings settings;
    settings.watch.cpu_budget = points / 10000.0;
    const auto again = parse_settings("printed", print_config(settings));
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(again->watch.cpu_budget, settings.watch.cpu_budget);
  }
}

}  // namespace
}  // namespace sockwatch
