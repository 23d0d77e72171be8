// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.h"

#include <gtest/gtest.h>

#include <iostream>
#include <vector>

#include "daemon/describe.h"
#include "lib/monitor/build.h"
#include "tests/daemon/environment.h"
#include "tests/fakes/captured_stream.h"

namespace sockwatch {
namespace {

struct Said {
  ParsedOptions parsed;
  std::string out;
  std::string error;
};

Said parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "sockwatchd");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  const CapturedStream out(std::cout);
  const CapturedStream error(std::cerr);
  ParsedOptions parsed = parse_options(static_cast<int>(argv.size()), argv.data());
  return {std::move(parsed), out.text(), error.text()};
}

Options options(std::vector<std::string> arguments) {
  const Said said = parse(std::move(arguments));
  EXPECT_EQ(said.out + said.error, "");
  return said.parsed.options.value();
}

TEST(Options, without_any_the_daemon_runs_with_what_the_machine_has) {
  const EnvironmentVariable none("STATE_DIRECTORY", std::nullopt);
  const Options plain = options({});
  EXPECT_EQ(plain.mode, Mode::Run);
  EXPECT_FALSE(plain.config_file) << "the default one need not exist";
  EXPECT_TRUE(plain.listen_addresses.empty());
  EXPECT_EQ(plain.record_file, "");
  EXPECT_EQ(plain.replay_file, "");
  EXPECT_FALSE(plain.once);
  EXPECT_EQ(plain.proc_root, "/proc");
  EXPECT_EQ(plain.cgroup_root, "/sys/fs/cgroup");
  EXPECT_EQ(plain.state_dir, "/var/lib/sockwatch");
  EXPECT_EQ(plain.log_level, LogLevel::Info);
}

TEST(Options, every_value_arrives) {
  const Options given =
      options({"--config", "/c.toml", "--web.listen-address=:9999", "--record", "r.cap", "--proc-root", "/p",
               "--cgroup-root", "/g", "--state-dir", "/s", "--log-level", "debug"});
  EXPECT_EQ(given.config_file, "/c.toml");
  EXPECT_EQ(given.listen_addresses, std::vector<std::string>{":9999"});
  EXPECT_EQ(given.record_file, "r.cap");
  EXPECT_EQ(given.proc_root, "/p");
  EXPECT_EQ(given.cgroup_root, "/g");
  EXPECT_EQ(given.state_dir, "/s");
  EXPECT_EQ(given.log_level, LogLevel::Debug);
  EXPECT_EQ(given.mode, Mode::Run);
}

TEST(Options, each_way_to_run_has_its_option) {
  EXPECT_EQ(options({"--check-config"}).mode, Mode::CheckConfig);
  EXPECT_EQ(options({"--print-config"}).mode, Mode::PrintConfig);
  EXPECT_EQ(options({"--once"}).mode, Mode::Once);
  EXPECT_EQ(options({"--once", "--record", "f"}).mode, Mode::Once);
  EXPECT_EQ(options({"--replay", "f"}).mode, Mode::Replay);
  const Options once = options({"--replay", "f", "--once"});
  EXPECT_EQ(once.mode, Mode::Replay);
  EXPECT_EQ(once.replay_file, "f");
  EXPECT_TRUE(once.once);
}

TEST(Options, the_state_directory_is_the_service_managers_unless_one_is_named) {
  const EnvironmentVariable managed("STATE_DIRECTORY", "/var/lib/private/sockwatch");
  EXPECT_EQ(options({}).state_dir, "/var/lib/private/sockwatch");
  EXPECT_EQ(options({"--state-dir", "/s"}).state_dir, "/s");
  const EnvironmentVariable empty("STATE_DIRECTORY", "");
  EXPECT_EQ(options({}).state_dir, "/var/lib/sockwatch");
}

TEST(Options, wrong_usage_is_told_and_ends_with_2) {
  const std::vector<std::string> cases[] = {
      {"--no-such-option"},
      {"stray"},
      {"--config"},
      {"--log-level", "loud"},
      {"--log-level", "DEBUG"},
      {"--once=maybe"},
      {"--record", "a", "--replay", "b"},
      {"--check-config", "--print-config"},
      {"--config", "a", "--config", "b"},
      {"-x"},
  };
  for (const auto& arguments : cases) {
    const Said said = parse(arguments);
    EXPECT_FALSE(said.parsed.options) << arguments[0];
    EXPECT_EQ(said.parsed.exit_code, 2) << arguments[0];
    EXPECT_NE(said.error, "") << arguments[0];
    EXPECT_EQ(said.out, "") << arguments[0];
  }
}

TEST(Options, help_names_every_option_and_every_exit_code) {
  const Said said = parse({"--help"});
  EXPECT_FALSE(said.parsed.options);
  EXPECT_EQ(said.parsed.exit_code, 0);
  EXPECT_EQ(said.error, "");
  for (const char* word :
       {"--config FILE", "--check-config", "--print-config", "--describe", "--web.listen-address ADDR",
        "--once", "--record FILE", "--replay FILE", "--proc-root DIR", "--cgroup-root DIR", "--state-dir DIR",
        "--log-level", "--version", "--help", "0 stopped as asked", "1 could not start", "2 wrong usage",
        "78 wrong configuration"}) {
    EXPECT_NE(said.out.find(word), std::string::npos) << word;
  }
}

TEST(Options, the_tables_are_printed_whatever_the_configuration) {
  const Said said = parse({"--describe", "--config", "/no/such/file"});
  EXPECT_FALSE(said.parsed.options);
  EXPECT_EQ(said.parsed.exit_code, 0);
  EXPECT_EQ(said.out, description());
  EXPECT_EQ(said.error, "");
}

TEST(Options, the_version_is_one_line) {
  const Said said = parse({"--version"});
  EXPECT_FALSE(said.parsed.options);
  EXPECT_EQ(said.parsed.exit_code, 0);
  EXPECT_EQ(said.out, version_line("sockwatchd") + "\n");
}

}  // namespace
}  // namespace sockwatch
