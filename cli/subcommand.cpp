// SPDX-License-Identifier: Apache-2.0
#include "cli/subcommand.h"

#include <CLI/CLI.hpp>

namespace sockwatch {

Result<Setup> CommonOptions::load() const {
  return load_setup(config_file.empty() ? std::nullopt : std::optional(config_file), {}, policy_directory);
}

void add_setup_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--config", options.config_file, "Configuration (default /etc/sockwatch/sockwatch.toml)")
      ->type_name("FILE");
}

void add_policy_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--policy", options.policy_directory,
                  "Rules of another directory than policy.d beside the configuration")
      ->type_name("DIR");
}

void add_colour_option(CLI::App& command, CommonOptions& options) {
  command.add_option("--color", options.colour, "auto (on a terminal, not with NO_COLOR), always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_flag("--json", options.json, "One JSON document instead of text for people");
  add_colour_option(command, options);
  add_setup_options(command, options);
}

void add_machine_options(CLI::App& command, Machine::Place& place) {
  command
      .add_option("--state-dir", place.state_dir,
                  "Where a daemon keeps what it learned (default /var/lib/sockwatch)")
      ->type_name("DIR");
  command.add_option("--proc-root", place.roots.proc, "Where /proc is")->type_name("DIR");
  command.add_option("--cgroup-root", place.roots.cgroup, "Where the cgroup tree is")->type_name("DIR");
}

}  // namespace sockwatch
