// SPDX-License-Identifier: Apache-2.0
// sockwatch lookup: what a port is usually for, without looking at anything that is open.
#include <memory>

#include "cli/output.h"
#include "cli/port_names.h"
#include "cli/subcommand.h"

namespace sockwatch {
namespace {

struct LookupOptions {
  CommonOptions common;
  std::string what;
};

constexpr const char* kLookupExamples = R"(Examples:
  sockwatch lookup 22             every name of port 22
  sockwatch lookup 53/udp         of one protocol
  sockwatch lookup postgresql     where a service usually is
  sockwatch lookup 9100 --json

The strongest source comes first: override, common, overlay, iana.
Exit codes: 0 found, 1 no table knows it, 2 wrong usage or configuration.)";

ExitCode run(const LookupOptions& options) {
  const auto asked = parse_port_or_name(options.what);
  if (!asked.ok()) return fail(asked.error(), ExitCode::Usage);
  const auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);

  const std::vector<ServiceTable::Entry> entries = find_ports(setup->services, *asked);
  const Output output = standard_output(options.common.colour_mode());
  std::string text;
  if (options.common.json) {
    text = ports_document(entries) + "\n";
  } else if (!entries.empty()) {
    text = port_table(entries).render(output.table_style());
  }
  if (const auto written = write_out(text); !written.ok()) return fail(written.error(), ExitCode::Incomplete);
  if (!entries.empty()) return ExitCode::Fine;
  remark("no table knows " + to_string(*asked));
  return ExitCode::Findings;
}

}  // namespace

Command lookup_command() {
  const auto options = std::make_shared<LookupOptions>();
  Command command{.name = "lookup",
                  .help = "What a port is usually for, or where a service usually is",
                  .footer = kLookupExamples,
                  .run = [options] { return run(*options); }};
  command.options = {
      {.names = "what",
       .target = &options->what,
       .help = "A port, with or without /PROTO, or a service's name",
       .value = "PORT[/PROTO]|NAME",
       .required = true},
  };
  add_common_options(command, options->common);
  return command;
}

}  // namespace sockwatch
