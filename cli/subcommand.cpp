// SPDX-License-Identifier: Apache-2.0
#include "cli/subcommand.h"

namespace sockwatch {

Result<Setup> CommonOptions::load() const {
  return load_setup(config_file.empty() ? std::nullopt : std::optional(config_file), {}, policy_directory);
}

void add_setup_options(Command& command, CommonOptions& options) {
  command.options.push_back({.names = "--config",
                             .target = &options.config_file,
                             .help = "Configuration (default /etc/sockwatch/sockwatch.toml)",
                             .value = "FILE"});
}

void add_policy_option(Command& command, CommonOptions& options) {
  command.options.push_back({.names = "--policy",
                             .target = &options.policy_directory,
                             .help = "Rules of another directory than policy.d beside the configuration",
                             .value = "DIR"});
}

void add_colour_option(Command& command, CommonOptions& options) {
  command.options.push_back({.names = "--color",
                             .target = &options.colour,
                             .help = "auto (on a terminal, not with NO_COLOR), always or never",
                             .value = "WHEN",
                             .choices = {"auto", "always", "never"}});
}

void add_json_option(Command& command, CommonOptions& options) {
  command.options.push_back(
      {.names = "--json", .target = &options.json, .help = "One JSON document instead of text for people"});
}

void add_common_options(Command& command, CommonOptions& options) {
  add_json_option(command, options);
  add_colour_option(command, options);
  add_setup_options(command, options);
}

void add_machine_options(Command& command, Machine::Place& place) {
  command.options.push_back({.names = "--state-dir",
                             .target = &place.state_dir,
                             .help = "Where a daemon keeps what it learned (default /var/lib/sockwatch)",
                             .value = "DIR"});
  command.options.push_back(
      {.names = "--proc-root", .target = &place.roots.proc, .help = "Where /proc is", .value = "DIR"});
  command.options.push_back({.names = "--cgroup-root",
                             .target = &place.roots.cgroup,
                             .help = "Where the cgroup tree is",
                             .value = "DIR"});
}

}  // namespace sockwatch
