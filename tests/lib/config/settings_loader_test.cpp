// SPDX-License-Identifier: Apache-2.0
#include "lib/config/settings_loader.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/lib/config/folder.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

TEST(LoadSettings, a_missing_file_means_defaults_only_where_nobody_named_it) {
  const Folder folder;
  const auto defaults = load_settings(folder.path("sockwatch.toml"), MissingFile::UseDefaults);
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->settings.watch, WatchSettings{});
  EXPECT_EQ(defaults->policy_directory, folder.path("policy.d"));

  const auto named = load_settings(folder.path("sockwatch.toml"), MissingFile::IsError);
  ASSERT_FALSE(named);
  EXPECT_EQ(folder.without_path(named.error().message),
            "sockwatch.toml: cannot be read: No such file or directory");
}

TEST(LoadSettings, drop_ins_win_in_lexical_order) {
  const Folder folder;
  folder.write("sockwatch.toml", "[watch]\nlisteners = \"1s\"\nconnections = \"1m\"\nfamilies = [\"tcp\"]\n");
  folder.write("conf.d/20-b.toml", "[watch]\nlisteners = \"3s\"\n");
  folder.write("conf.d/10-a.toml", "[watch]\nlisteners = \"2s\"\nfamilies = [\"udp\"]\n");
  const auto configuration = load_settings(folder.path("sockwatch.toml"), MissingFile::IsError);
  ASSERT_TRUE(configuration) << configuration.error().message;
  const Settings& settings = configuration->settings;
  EXPECT_EQ(settings.watch.listeners, 3s);
  EXPECT_EQ(settings.watch.connections, 1min);
  EXPECT_EQ(settings.watch.families, std::vector{Protocol::Udp});
  EXPECT_EQ(settings.origin_of("watch.listeners"), folder.path("conf.d/20-b.toml") + ":2");
  EXPECT_EQ(settings.origin_of("watch.families"), folder.path("conf.d/10-a.toml") + ":3");
  EXPECT_EQ(settings.origin_of("watch.connections"), folder.path("sockwatch.toml") + ":3");
  EXPECT_EQ(settings.origin_of("watch.events"), "default");
}

TEST(LoadSettings, drop_ins_count_without_the_main_file) {
  const Folder folder;
  folder.write("conf.d/a.toml", "[policy]\nfirst_run = \"strict\"\n");
  const auto configuration = load_settings(folder.path("sockwatch.toml"), MissingFile::UseDefaults);
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->settings.policy.first_run, FirstRun::Strict);
}

TEST(LoadSettings, every_problem_of_every_file_is_told) {
  const Folder folder;
  folder.write("sockwatch.toml", "[wach]\n[watch]\nlisteners = 1\nlistenrs = \"1s\"\nevents = \"never\"\n");
  folder.write("conf.d/a.toml", "[metrics]\nmax_series = 0\n");
  folder.write("conf.d/b.toml", "[");
  const auto configuration = load_settings(folder.path("sockwatch.toml"), MissingFile::IsError);
  ASSERT_FALSE(configuration);
  EXPECT_EQ(folder.without_path(configuration.error().message),
            "sockwatch.toml:1:2: unknown key \"wach\" in the settings, did you mean \"watch\"?\n"
            "sockwatch.toml:3:13: listeners = 1 is an integer, expected a duration from \"10ms\" to \"1d\"\n"
            "sockwatch.toml:4:1: unknown key \"listenrs\" in [watch], did you mean \"listeners\"?\n"
            "sockwatch.toml:5:10: events = \"never\" is unknown, expected \"auto\", \"bpf\", \"perf\", "
            "\"destroy\" or \"off\"\n"
            "conf.d/a.toml:2:14: max_series = 0 is out of range, expected a number from 1 to 1000000\n"
            "conf.d/b.toml:1:2: bad table header: encountered end-of-file");
}

TEST(LoadSettings, a_directory_in_the_place_of_a_file_is_an_error_even_by_default) {
  const Folder folder;
  folder.make_directory("sockwatch.toml");
  EXPECT_FALSE(load_settings(folder.path("sockwatch.toml"), MissingFile::UseDefaults));
}

TEST(ParseSettings, unknown_keys_get_a_hint_or_the_list) {
  const struct {
    std::string text, complaint;
  } cases[] = {
      {"[policy]\ncolour = 1",
       "f:2:1: unknown key \"colour\" in [policy], expected default, first_run, restart_grace, "
       "owner_grace or plaintext_scope"},
      {"listeners = \"1s\"",
       "f:1:1: unknown key \"listeners\" in the settings, expected watch, metrics, web, policy, alerts or "
       "annotate"},
      {"[[rule]]\nname = \"x\"", "f:1:3: unknown key \"rule\", expected rules in policy.d/*.toml"},
      {"watch = 3", "f:1:9: watch = 3 is an integer, expected a table"},
      {"[[watch]]\nlisteners = \"1s\"", "f:1:1: watch is an array, expected a table"},
      {"[watch.listeners]\na = 1",
       "f:1:1: listeners is a table, expected a duration from \"10ms\" to \"1d\""},
      {"[watch]\nlisteners = \"1s\"\nlisteners = \"2s\"",
       "f:3:13: bad key-value pair: cannot redefine existing string 'listeners'"},
  };
  for (const auto& each : cases) {
    const auto settings = parse_settings("f", each.text);
    ASSERT_FALSE(settings) << each.text;
    EXPECT_EQ(settings.error().message, each.complaint);
  }
}

TEST(OverrideListenAddress, wins_and_says_so) {
  auto settings = parse_settings("f", "[metrics]\naddress = \"0.0.0.0:1\"\n");
  ASSERT_TRUE(settings);
  ASSERT_TRUE(override_listen_addresses(*settings, {"[::1]:2", "127.0.0.1:2", "[::1]:2"}));
  ASSERT_EQ(settings->metrics.addresses.size(), 2U) << "each address once";
  EXPECT_EQ(to_string(settings->metrics.addresses[0]), "[::1]:2");
  EXPECT_EQ(to_string(settings->metrics.addresses[1]), "127.0.0.1:2");
  EXPECT_EQ(settings->origin_of("metrics.address"), "--web.listen-address");
}

TEST(OverrideListenAddress, changes_nothing_on_a_mistake) {
  Settings settings;
  const auto result = override_listen_addresses(settings, {"127.0.0.1:1", "127.0.0.1:70000"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "--web.listen-address: \"127.0.0.1:70000\" has no valid port, expected one from 1 to 65535");
  EXPECT_EQ(settings.metrics, MetricsSettings{});
}

}  // namespace
}  // namespace sockwatch
