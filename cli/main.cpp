// SPDX-License-Identifier: Apache-2.0
// sockwatch: one of its subcommands; without any, the list.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/exit_code.h"
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

  Run chosen;
  CLI::App app("Which sockets are open, whose they are, and whether that was expected.", "sockwatch");
  app.footer(kFooter);
  app.set_version_flag("--version", version_line("sockwatch"));
  app.require_subcommand(0, 1);
  for (const auto add :
       {add_list, add_lookup, add_explain, add_check, add_learn, add_test, add_suggest, add_history})
    add(app, chosen);
  try {
    app.parse(argc, argv);
    if (!chosen) app.parse("list");
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop, std::cout, std::cerr) == 0 ? 0 : static_cast<int>(ExitCode::Usage);
  }
  return static_cast<int>(chosen());
}
