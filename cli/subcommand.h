// SPDX-License-Identifier: Apache-2.0
// What the subcommands have in common. Each is one file that makes a Command; to add one, write that file,
// declare it here and name it in main.cpp.
#pragma once

#include <optional>
#include <string>

#include "cli/colour.h"
#include "cli/command.h"
#include "cli/machine.h"
#include "lib/monitor/setup.h"

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
void add_setup_options(Command& command, CommonOptions& options);
void add_policy_option(Command& command, CommonOptions& options);
void add_colour_option(Command& command, CommonOptions& options);
void add_json_option(Command& command, CommonOptions& options);
void add_common_options(Command& command, CommonOptions& options);
void add_machine_options(Command& command, Machine::Place& place);

Command list_command();
Command lookup_command();
Command explain_command();
Command check_command();
Command learn_command();
Command test_command();
Command suggest_command();
Command history_command();

}  // namespace sockwatch
