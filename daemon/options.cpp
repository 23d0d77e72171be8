// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "daemon/describe.h"
#include "lib/monitor/build.h"

namespace sockwatch {
namespace {

constexpr int kNotWritten = 1;
constexpr int kUsageError = 2;

constexpr const char* kFooter = R"(Examples:
  sockwatchd                                   watch this machine; metrics on 127.0.0.1:10762
  sockwatchd --once                            one look: metrics to stdout, alerts to stderr
  sockwatchd --check-config && systemctl reload sockwatch
  sockwatchd --record /tmp/sockets.cap --once  write down what the kernel said
  sockwatchd --once --replay /tmp/sockets.cap  look at it again, anywhere, without privilege

Exit codes: 0 stopped as asked, 1 could not start, 2 wrong usage, 78 wrong configuration.)";

std::string state_directory() {
  // systemd.exec(5), StateDirectory=: set by the service manager, one directory in our unit.
  const char* directory = std::getenv("STATE_DIRECTORY");
  return directory != nullptr && *directory != '\0' ? directory : "/var/lib/sockwatch";
}

Mode mode_of(const Options& options, bool check, bool print) {
  if (check) return Mode::CheckConfig;
  if (print) return Mode::PrintConfig;
  if (!options.replay_file.empty()) return Mode::Replay;
  return options.once ? Mode::Once : Mode::Run;
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
  Options options;
  bool check = false;
  bool print = false;
  bool describe = false;
  std::string config;
  std::string level(word(options.log_level));
  CLI::App app("Watches which sockets are open, whose they are, and whether that was expected.",
               "sockwatchd");
  app.footer(kFooter);
  app.set_version_flag("--version", version_line("sockwatchd"));
  auto* config_option =
      app.add_option("--config", config, "Configuration (default /etc/sockwatch/sockwatch.toml)")
          ->type_name("FILE");
  auto* check_flag =
      app.add_flag("--check-config", check, "Read configuration and policy, say what is wrong, exit");
  auto* print_flag =
      app.add_flag("--print-config", print, "Print the values in force and where each comes from");
  app.add_flag("--describe", describe, "Print the tables of fields, events, metrics and keys as JSON, exit");
  app.add_option("--web.listen-address", options.listen_addresses,
                 "Address of the HTTP server; several: once for each")
      ->type_name("ADDR")
      ->allow_extra_args(false);
  app.add_option("--web.config.file", options.web_config_file,
                 "TLS, passwords and headers of the HTTP server (exporter-toolkit's form)")
      ->type_name("FILE");
  app.add_flag("--once", options.once, "One full look: metrics to stdout, alerts as JSON lines to stderr");
  auto* record =
      app.add_option("--record", options.record_file, "Write the raw netlink conversation to a file")
          ->type_name("FILE");
  auto* replay =
      app.add_option("--replay", options.replay_file, "Look at a recording (or ss -D file) instead")
          ->type_name("FILE");
  app.add_option("--proc-root", options.proc_root, "Where /proc is")->type_name("DIR");
  app.add_option("--cgroup-root", options.cgroup_root, "Where the cgroup tree is")->type_name("DIR");
  app.add_option("--state-dir", options.state_dir,
                 "Where learned listeners are kept (default /var/lib/sockwatch)")
      ->type_name("DIR");
  app.add_option("--log-level", level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  record->excludes(replay);
  check_flag->excludes(print_flag);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return {std::nullopt, app.exit(stop, std::cout, std::cerr) == 0 ? 0 : kUsageError};
  }
  if (describe) {
    std::cout << description() << std::flush;
    return {std::nullopt, std::cout ? 0 : kNotWritten};
  }
  if (config_option->count() > 0) options.config_file = config;
  options.log_level = parse_word<LogLevel>(level).value_or(LogLevel::Info);
  if (options.state_dir.empty()) options.state_dir = state_directory();
  options.mode = mode_of(options, check, print);
  return {options, 0};
}

}  // namespace sockwatch
