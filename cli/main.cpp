// SPDX-License-Identifier: Apache-2.0
// sockwatch: one of its subcommands; without any, the list.
#include <signal.h>

#include "cli/command.h"
#include "cli/subcommand.h"
#include "lib/monitor/build.h"

namespace {

using namespace sockwatch;

constexpr const char* kFooter = R"(Examples:
  sockwatch                       the same as: sockwatch list
  sockwatch lookup 5432           what a port is usually for
  sockwatch explain 5432          why it is open here, and whose it is
  sockwatch check --now           what is open and was not expected
  sockwatch learn                 rules that would expect what is open

`sockwatch SUBCOMMAND --help` tells more.
Exit codes: 0 fine, 1 findings, 2 wrong usage or configuration, 3 no daemon answers, 4 the view is
incomplete.)";

}  // namespace

int main(int argc, char** argv) {
  // Whoever started us may ignore it; a reader that has seen enough is no error of ours.
  (void)::signal(SIGPIPE, SIG_DFL);

  Command program{.name = "sockwatch",
                  .help = "Which sockets are open, whose they are, and whether that was expected.",
                  .footer = kFooter};
  program.commands = {list_command(),  lookup_command(), explain_command(), check_command(),
                      learn_command(), test_command(),   suggest_command(), history_command()};
  program.run = program.commands.front().run;
  const ParsedCommand parsed = parse_command_line(program, version_line(program.name), argc, argv);
  return parsed.run ? static_cast<int>(parsed.run()) : parsed.exit_code;
}
