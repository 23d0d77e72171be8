// SPDX-License-Identifier: Apache-2.0
// A command line as values: its commands, their options, and what each command then does. command.cpp alone
// knows the library that reads it, whose header takes longer to compile than all the rest of a subcommand.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/exit_code.h"

namespace sockwatch {

// Where the value of an option is put; a bool takes none. It must outlive the parsing.
using OptionTarget =
    std::variant<bool*, std::string*, std::vector<std::string>*, std::size_t*, std::optional<double>*>;

struct OptionRange {
  double low = 0;
  double high = 0;
};

struct Option {
  std::string names;  // "-n,--lines"; without a dash it is an argument
  OptionTarget target;
  std::string help{};
  std::string value{};                  // what the help calls its value
  std::vector<std::string> choices{};   // empty: any value
  std::optional<OptionRange> range{};   // of a number
  std::string bare{};                   // its value where it is given without one; empty: it needs one
  std::vector<std::string> excludes{};  // options before it that may not stand beside it
  bool required = false;
  bool commas = false;    // "a,b" are two values
  bool one_each = false;  // a second value needs the option's name again
};

// What to do, once the command line was understood.
using Run = std::function<ExitCode()>;

struct Command {
  std::string name;
  std::string help{};
  std::string footer{};  // below its options in the help: examples, exit codes
  Run run{};             // empty: one of its commands must be named
  std::vector<Option> options{};
  std::vector<Command> commands{};
};

// The run of the command that the arguments name, or the exit code to end with: --help and --version have
// been answered, a mistake reported.
struct ParsedCommand {
  Run run;
  int exit_code = 0;
};
ParsedCommand parse_command_line(const Command& program, const std::string& version, int argc,
                                 const char* const* argv);

}  // namespace sockwatch
