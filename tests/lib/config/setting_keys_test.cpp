// SPDX-License-Identifier: Apache-2.0
#include "lib/config/setting_keys.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "lib/config/config_files.h"
#include "lib/config/print_config.h"
#include "lib/config/settings_loader.h"

namespace sockwatch {
namespace {

TEST(SettingKeys, the_packaged_file_changes_nothing) {
  const auto file = read_config_file(SOCKWATCH_TESTS_DIR "/../packaging/default/sockwatch.toml");
  ASSERT_TRUE(file) << file.error().message;
  const auto settings = parse_settings("packaged", file->text);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->origins.empty());
}

TEST(SettingKeys, the_packaged_file_states_every_key_with_its_default) {
  const auto file = read_config_file(SOCKWATCH_TESTS_DIR "/../packaging/default/sockwatch.toml");
  ASSERT_TRUE(file) << file.error().message;
  const std::string uncommented = std::regex_replace(file->text, std::regex("\n#([a-z_]+ = )"), "\n$1");
  auto settings = parse_settings("packaged", uncommented);
  ASSERT_TRUE(settings) << settings.error().message;
  for (const SettingKey& key : setting_keys()) {
    EXPECT_NE(settings->origin_of(key.path()), "default") << key.path() << " is not in the packaged file";
  }
  settings->origins.clear();
  EXPECT_EQ(print_config(*settings), print_config({}));
}

// What each type of value accepts, and the exact complaint about what it does not.
TEST(SettingKeys, values_are_checked) {
  constexpr std::string_view kDuration = ", expected a duration from \"10ms\" to \"1d\"";
  constexpr std::string_view kShare = ", expected a share of one core from \"0.01%\" to \"100%\"";
  constexpr std::string_view kForms =
      ", expected \"127.0.0.1:10762\", \"[::1]:10762\", \"localhost:10762\" or \":10762\"";
  constexpr std::string_view kSources = ", expected \"auto\", \"netlink\" or \"bpf\"";
  constexpr std::string_view kSeries = ", expected a number from 1 to 1000000";
  const struct {
    std::string section, line, complaint;
    std::string_view expected;
  } cases[] = {
      {"watch", "listeners = \"10ms\"", "", ""},
      {"watch", "listeners = \"1d\"", "", ""},
      {"watch", "listeners = \"9ms\"", "13: listeners = \"9ms\" is out of range", kDuration},
      {"watch", "listeners = \"25h\"", "13: listeners = \"25h\" is out of range", kDuration},
      {"watch", "listeners = \"0s\"", "13: listeners = \"0s\" is not a duration", kDuration},
      {"watch", "listeners = \"-1s\"", "13: listeners = \"-1s\" is not a duration", kDuration},
      {"watch", "listeners = \"1 s\"", "13: listeners = \"1 s\" is not a duration", kDuration},
      {"watch", "listeners = 250", "13: listeners = 250 is an integer", kDuration},
      {"watch", "connections_source = \"netlink\"", "", ""},
      {"watch", "connections_source = \"ss\"", "22: connections_source = \"ss\" is unknown", kSources},
      {"watch", "cpu_budget = \"100%\"", "", ""},
      {"watch", "cpu_budget = \"0.5%\"", "", ""},
      {"watch", "cpu_budget = \"0%\"", "14: cpu_budget = \"0%\" is not a valid share", kShare},
      {"watch", "cpu_budget = \"100.01%\"", "14: cpu_budget = \"100.01%\" is not a valid share", kShare},
      {"watch", "cpu_budget = \"0.001%\"", "14: cpu_budget = \"0.001%\" is not a valid share", kShare},
      {"watch", "cpu_budget = \"-2%\"", "14: cpu_budget = \"-2%\" is not a valid share", kShare},
      {"watch", "cpu_budget = \"2\"", "14: cpu_budget = \"2\" is not a valid share", kShare},
      {"watch", "cpu_budget = \"%\"", "14: cpu_budget = \"%\" is not a valid share", kShare},
      {"watch", "cpu_budget = \".5%\"", "14: cpu_budget = \".5%\" is not a valid share", kShare},
      {"watch", "cpu_budget = \"1.-5%\"", "14: cpu_budget = \"1.-5%\" is not a valid share", kShare},
      {"watch", "cpu_budget = 0.02", "14: cpu_budget is a float", kShare},
      {"watch", "families = [\"udp\"]", "", ""},
      {"watch", "families = \"udp\"", "", ""},
      {"watch", "families = [\"unix\", \"vsock\"]", "", ""},
      {"watch", "families = []", "12: families is an empty list", ", expected at least one value"},
      {"watch", "families = [\"tcp\", \"tcp\"]", "20: families = \"tcp\" is there twice",
       ", expected each family once"},
      {"watch", "families = [\"tpc\"]", "13: families = \"tpc\" is unknown",
       ", expected \"tcp\", \"udp\", \"mptcp\", \"udplite\", \"sctp\", \"raw\", \"packet\", \"unix\" or "
       "\"vsock\""},
      {"metrics", "address = \"0.0.0.0:1\"", "", ""},
      {"metrics", "address = \"-x:1\"", "11: address = \"-x:1\" has no valid address", kForms},
      {"metrics", "address = \"1.2.3.4:70000\"", "11: address = \"1.2.3.4:70000\" has no valid port",
       ", expected one from 1 to 65535"},
      {"metrics", "max_series = 1000000", "", ""},
      {"metrics", "max_series = 0", "14: max_series = 0 is out of range", kSeries},
      {"metrics", "max_series = 1000001", "14: max_series = 1000001 is out of range", kSeries},
      {"metrics", "max_series = \"9\"", "14: max_series = \"9\" is a string", kSeries},
      {"policy", "default = \"deny\"", "11: default = \"deny\" is unknown",
       ", expected \"expect\", \"alert\" or \"ignore\""},
      {"policy", "first_run = true", "13: first_run = true is a boolean",
       ", expected \"learn\" or \"strict\""},
      {"policy", "plaintext_scope = \"any\"", "", ""},
      {"policy", "plaintext_scope = \"lan\"", "19: plaintext_scope = \"lan\" is unknown",
       ", expected \"loopback\", \"link-local\", \"private\", \"public\", \"multicast\" or \"any\""},
      {"alerts", "journal = \"yes\"", "11: journal = \"yes\" is a string", ", expected true or false"},
      {"annotate", "services_file = \"/a\"", "", ""},
      {"annotate", "services_file = \"\"", "", ""},
      {"annotate", "services_file = \"a\"", "17: services_file = \"a\" is not absolute",
       ", expected an absolute path, or \"\" for none"},
  };
  for (const auto& each : cases) {
    const auto settings = parse_settings("f", "[" + each.section + "]\n" + each.line + "\n");
    const std::string complaint =
        each.complaint.empty() ? "" : "f:2:" + each.complaint + std::string(each.expected);
    EXPECT_EQ(settings ? "" : settings.error().message, complaint) << each.line;
  }
}

}  // namespace
}  // namespace sockwatch
