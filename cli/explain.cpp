// SPDX-License-Identifier: Apache-2.0
// sockwatch explain: everything about one port.
#include <time.h>
#include <unistd.h>

#include <memory>

#include "cli/explanation.h"
#include "cli/firewalls.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/packet_path.h"
#include "cli/port_names.h"
#include "cli/subcommand.h"
#include "lib/json/json.h"
#include "lib/procfs/ancestry.h"

namespace sockwatch {
namespace {

struct ExplainOptions {
  CommonOptions common;
  Machine::Place place;
  std::string port;
  std::string from;        // an address: the path of one packet
  std::string interface_;  // by which it comes in
};

constexpr const char* kExplainExamples = R"(Examples:
  sockwatch explain 22            whose it is, who can reach it, and which rule decided
  sockwatch explain udp/53        one protocol only
  sockwatch explain 5432 --from 203.0.113.9 --interface eth0
                                  which rules a packet from there meets, and where it ends (takes root)
  sockwatch explain 8080 --json   the same for a program, with the policy lines in "allow"

Exit codes: 0 told, 2 wrong usage or configuration, 4 part of the machine could not be seen.)";

// Of the process itself, which may be long before it opened the socket.
std::optional<WallTime> start_of(const Owner& owner) {
  if (owner.holders.empty()) return std::nullopt;
  const auto ticks = static_cast<std::int64_t>(owner.holders.front().id.start_ticks);
  timespec up{};
  if (::clock_gettime(CLOCK_BOOTTIME, &up) != 0) return std::nullopt;
  const Duration since_boot = std::chrono::seconds(up.tv_sec) + std::chrono::nanoseconds(up.tv_nsec);
  const Duration started = std::chrono::milliseconds(ticks * 1000 / ::sysconf(_SC_CLK_TCK));
  return SystemClock().now().wall - since_boot + started;
}

Look look_at_port(Look look, const PortArgument& asked) {
  std::erase_if(look.listeners, [&asked](const OpenListener& open) {
    const Listener& listener = open.listener;
    if (listener.only_counted() || listener.key.local.port != asked.port) return true;
    if (!asked.protocol) return !has_port(listener.key.protocol);
    return *asked.protocol != listener.key.protocol && *asked.protocol != listener.protocol();
  });
  return look;
}

std::string nothing_open(const PortArgument& asked, const ServiceTable& services, const TableStyle& style) {
  std::string text = "Nothing listens on " + to_string(asked) + ".\n";
  const std::vector<ServiceTable::Entry> entries = find_ports(services, asked);
  if (entries.empty()) return text + "No table knows what it is for.\n";
  return text + "It is usually for:\n\n" + port_table(entries).render(style);
}

std::string render(const Look& look, const Setup& setup, const PortArgument& asked,
                   const ExplainOptions& options, Machine& machine) {
  std::vector<std::string> parts;
  const Output output = standard_output(options.common.colour_mode());
  for (const OpenListener& open : look.listeners) {
    const Owner& owner = open.listener.annotation.owner;
    const Explained explained{open, start_of(owner), parents_of(owner, options.place.roots.proc),
                              setup.configuration.policy_directory,
                              machine.interfaces_up(open.listener.key.name_space)};
    parts.push_back(options.common.json ? explanation_json(explained)
                                        : explanation_text(explained, output.colour));
  }
  if (options.common.json) {
    const std::vector<Unseen> gaps = gaps_of(look);
    return list_document(gaps.empty(), gaps, parts) + "\n";
  }
  if (parts.empty()) return nothing_open(asked, setup.services, output.table_style());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "\n") + part;
  return text;
}

ExitCode run(const ExplainOptions& options) {
  const auto asked = parse_port(options.port);
  if (!asked.ok()) return fail(asked.error(), ExitCode::Usage);
  const auto from = parse_ip_address(options.from);
  if (!options.from.empty() && !from)
    return fail(Error{"--from " + options.from + ": expected an IP address"}, ExitCode::Usage);
  const auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);
  auto machine = Machine::open(options.place, *setup, Machine::usual_families(*setup));
  if (!machine.ok()) return fail(machine.error(), ExitCode::Incomplete);

  Look look = look_at_port((*machine)->look(Depth::Counted), *asked);
  Firewalls firewalls(**machine, options.place.roots.proc);
  if (from) {
    const auto path =
        path_of({*asked, *from, options.interface_}, look, firewalls.of((*machine)->own_namespace()));
    if (!path.ok()) return fail(path.error(), ExitCode::Usage);
    const auto written = write_out(*path);
    return written.ok() ? ExitCode::Fine : fail(written.error(), ExitCode::Incomplete);
  }
  firewalls.find_reach(look);
  const auto written = write_out(render(look, *setup, *asked, options, **machine));
  if (!written.ok()) return fail(written.error(), ExitCode::Incomplete);
  for (const std::string& line : remarks_on(look)) remark(line);
  return gaps_of(look).empty() ? ExitCode::Fine : ExitCode::Incomplete;
}

}  // namespace

Command explain_command() {
  const auto options = std::make_shared<ExplainOptions>();
  Command command{.name = "explain",
                  .help = "Why a port is open, whose it is, and which rule decided",
                  .footer = kExplainExamples,
                  .run = [options] { return run(*options); }};
  command.options = {
      {.names = "port",
       .target = &options->port,
       .help = "A port, with or without its protocol",
       .value = "[PROTO/]PORT",
       .required = true},
      {.names = "--from",
       .target = &options->from,
       .help = "The path of a packet from this address through the firewall, hook by hook",
       .value = "ADDRESS"},
      {.names = "--interface",
       .target = &options->interface_,
       .help = "By which interface it comes in; else the one that leads to the address",
       .value = "NAME"},
  };
  add_common_options(command, options->common);
  add_machine_options(command, options->place);
  return command;
}

}  // namespace sockwatch
