// SPDX-License-Identifier: Apache-2.0
// sockwatchd's command line (product contract: names do not change). The one door to CLI11 in the daemon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/log.h"

namespace sockwatch {

enum class Mode { Run, CheckConfig, PrintConfig, Once, Replay };

struct Options {
  Mode mode = Mode::Run;
  std::optional<std::string> config_file;     // named by a person: then it must exist
  std::vector<std::string> listen_addresses;  // empty: as configured
  std::string web_config_file;                // empty: as configured
  std::string record_file;
  std::string replay_file;
  bool once = false;
  std::string proc_root = "/proc";
  std::string cgroup_root = "/sys/fs/cgroup";
  std::string state_dir;  // empty: $STATE_DIRECTORY, else /var/lib/sockwatch
  LogLevel log_level = LogLevel::Info;
};

// Options to run with, or the exit code to end with: --help, --version and --describe have been answered, a
// mistake reported.
struct ParsedOptions {
  std::optional<Options> options;
  int exit_code = 0;
};
ParsedOptions parse_options(int argc, char** argv);

}  // namespace sockwatch
