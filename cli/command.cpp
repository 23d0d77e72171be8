// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <iostream>

namespace sockwatch {
namespace {

CLI::Option& add(CLI::App& command, const Option& option, bool& flag) {
  return *command.add_flag(option.names, flag, option.help);
}

template <typename Text>
CLI::Option& add(CLI::App& command, const Option& option, Text& text) {
  return *command.add_option(option.names, text, option.help);
}

template <typename Value>
CLI::Option& within(const std::optional<OptionRange>& range, CLI::Option& number) {
  if (range) number.check(CLI::Range(static_cast<Value>(range->low), static_cast<Value>(range->high)));
  return number;
}

CLI::Option& add(CLI::App& command, const Option& option, std::size_t& number) {
  return within<std::size_t>(option.range, *command.add_option(option.names, number, option.help));
}

CLI::Option& add(CLI::App& command, const Option& option, std::optional<double>& number) {
  return within<double>(option.range, *command.add_option(option.names, number, option.help));
}

void declare(CLI::App& command, const Option& option) {
  CLI::Option& declared =
      std::visit([&](auto* target) -> CLI::Option& { return add(command, option, *target); }, option.target);
  if (!option.value.empty()) declared.type_name(option.value);
  if (!option.choices.empty()) declared.check(CLI::IsMember(option.choices));
  if (!option.bare.empty()) declared.expected(0, 1)->default_str(option.bare);
  if (option.required) declared.required();
  if (option.commas) declared.delimiter(',');
  if (option.one_each) declared.allow_extra_args(false);
  for (const std::string& other : option.excludes) declared.excludes(command.get_option(other));
}

void declare(CLI::App& app, const Command& command, Run& chosen) {
  if (!command.footer.empty()) app.footer(command.footer);  // else that of the command above
  for (const Option& option : command.options) declare(app, option);
  for (const Command& below : command.commands) {
    CLI::App& named = *app.add_subcommand(below.name, below.help);
    declare(named, below, chosen);
    if (below.run) named.callback([&below, &chosen] { chosen = below.run; });
  }
  if (!command.commands.empty()) app.require_subcommand(command.run ? 0 : 1, 1);
}

}  // namespace

ParsedCommand parse_command_line(const Command& program, const std::string& version, int argc,
                                 const char* const* argv) {
  Run chosen = program.run;
  CLI::App app(program.help, program.name);
  app.set_version_flag("--version", version);
  declare(app, program, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    const bool answered = app.exit(stop, std::cout, std::cerr) == 0;
    return {{}, static_cast<int>(answered ? ExitCode::Fine : ExitCode::Usage)};
  }
  return {chosen};
}

}  // namespace sockwatch
