// SPDX-License-Identifier: Apache-2.0
// What the subcommands have in common. Each is one file that adds itself to the command line; to add one,
// write that file, declare it here and name it in main.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/colour.h"
#include "cli/exit_code.h"
#include "cli/machine.h"
#include "lib/monitor/setup.h"

namespace CLI {
class App;
}

namespace sockwatch {

struct CommonOptions {
  std::string config_file;       // empty: the default one, which need not exist
  std::string policy_directory;  // empty: policy.d beside it
  std::string colour = std::string(word(ColourMode::Auto));
  bool json = false;

  ColourMode colour_mode() const { return parse_word<ColourMode>(colour).value_or(ColourMode::Auto); }
  Result<Setup> load() const;
};

// --config alone, for what is not a document or a table.
void add_setup_options(CLI::App& command, CommonOptions& options);
void add_policy_option(CLI::App& command, CommonOptions& options);
void add_colour_option(CLI::App& command, CommonOptions& options);
void add_common_options(CLI::App& command, CommonOptions& options);
void add_machine_options(CLI::App& command, Machine::Place& place);

// What to do, once the command line was understood.
using Run = std::function<ExitCode()>;

// Each makes `chosen` its own run where its name stands on the command line.
void add_list(CLI::App& app, Run& chosen);
void add_lookup(CLI::App& app, Run& chosen);
void add_explain(CLI::App& app, Run& chosen);
void add_check(CLI::App& app, Run& chosen);
void add_learn(CLI::App& app, Run& chosen);
void add_test(CLI::App& app, Run& chosen);
void add_suggest(CLI::App& app, Run& chosen);
void add_history(CLI::App& app, Run& chosen);

}  // namespace sockwatch
