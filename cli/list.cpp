// SPDX-License-Identifier: Apache-2.0
// sockwatch list: what is open, socket by socket.
#include <algorithm>
#include <memory>

#include "cli/daemon_api.h"
#include "cli/firewalls.h"
#include "cli/idle.h"
#include "cli/listing.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/recording.h"
#include "cli/screen.h"
#include "cli/subcommand.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

namespace sockwatch {
namespace {

struct ListOptions {
  CommonOptions common;
  Machine::Place place;
  bool connected = false;
  bool all = false;
  bool numeric = false;
  bool no_headers = false;
  std::optional<double> watch_seconds;
  std::string replay_file;
  std::vector<std::string> protocols;
  std::vector<std::string> reach;  // words; none: all
  std::string name_space;          // empty: all
  std::string idle_for;            // a duration
  std::string api_socket = kApiSocket;

  std::vector<Protocol> named() const {
    std::vector<Protocol> named;
    for (const std::string& name : protocols)
      named.push_back(parse_word<Protocol>(name).value_or(Protocol::Tcp));
    return named;
  }
  Machine::Families families(const Setup& setup) const {
    Machine::Families wanted =
        all ? Machine::Families{setup.settings().watch.families} : Machine::usual_families(setup);
    if (!protocols.empty()) wanted.protocols = named();
    // What speaks MPTCP is told apart from what speaks TCP only.
    if (std::count(wanted.protocols.begin(), wanted.protocols.end(), Protocol::Mptcp) > 0)
      wanted.protocols.push_back(Protocol::Tcp);
    wanted.asked_for = all || !protocols.empty();
    wanted.bound = all;
    return wanted;
  }
  Selection selection() const {
    if (all) return Selection::All;
    return connected ? Selection::Connections : Selection::Listeners;
  }
};

template <typename E>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for (const E value : all_of<E>()) names.emplace_back(word(value));
  return names;
}

constexpr const char* kListExamples = R"(Examples:
  sockwatch list                  who waits for whom, whose it is, and whether that was expected
  sockwatch list --connected      connections, with their direction and owner
  sockwatch list --all --json     every socket there is, for a program
  sockwatch list --protocol unix,packet
                                  of these families only
  sockwatch list --namespace blue
                                  what is open in the network namespace blue alone
  sockwatch list --reach open,limited
                                  what the firewall lets somebody in to, published ports with it (takes root)
  sockwatch list --watch=5        again every 5 seconds, until Ctrl-C
  sockwatch list --idle 30d       what nobody has connected to for so long, as the running daemon knows
  sockwatch list --replay FILE    what a recording of sockwatchd --record, or of ss -D, shows

Needs neither a daemon (but for --idle) nor privileges; says what it could not see.
Exit codes: 0 all was seen, 2 wrong usage or configuration, 3 no daemon answers (--idle), 4 part of the machine could
not be seen.)";

std::string render(const Look& look, const ListOptions& options, const Output& output) {
  if (options.common.json) return listing_document(look) + "\n";
  TableStyle style = output.table_style();
  style.headers = !options.no_headers;
  return listing_text(look, options.selection(), style);
}

ExitCode exit_code_of(const Look& look) {
  return gaps_of(look).empty() ? ExitCode::Fine : ExitCode::Incomplete;
}

// Whatever the look holds that was not asked for goes.
Look narrowed(Look look, const ListOptions& options) {
  keep_only(look, options.selection());
  keep_protocols(look, options.selection(), options.named());
  if (!options.reach.empty()) {
    std::vector<firewall::ReachWord> words;
    for (const std::string& name : options.reach)
      words.push_back(parse_word<firewall::ReachWord>(name).value_or(firewall::ReachWord::Open));
    keep_reach(look, words);
  }
  if (options.numeric) drop_service_names(look);
  const bool all = options.name_space.empty();
  if (!all && !keep_only_namespace(look, options.name_space))
    look.unseen.push_back({"network namespace " + options.name_space, "there is none of that name here"});
  return look;
}

ExitCode show(const Look& look, const ListOptions& options) {
  const auto written = write_out(render(look, options, standard_output(options.common.colour_mode())));
  if (!written.ok()) return fail(written.error(), ExitCode::Incomplete);
  for (const std::string& line : remarks_on(look)) remark(line);
  return exit_code_of(look);
}

Look look_at(Machine& machine, const ListOptions& options) {
  Look look = machine.look(depth_of(options.selection()));
  if (options.selection() != Selection::Connections)
    Firewalls(machine, options.place.roots.proc).find_reach(look);
  return narrowed(std::move(look), options);
}

// On a terminal the remarks stand below the table, because nothing else is on the screen.
ExitCode watch_on_screen(Machine& machine, const ListOptions& options, Duration interval) {
  const Waiting waiting;
  const AlternateScreen screen;
  for (;;) {
    const Look look = look_at(machine, options);
    const Output output = standard_output(options.common.colour_mode());
    std::string text = render(look, options, output);
    for (const std::string& line : remarks_on(look)) {
      text += "\n" + (output.width == 0 ? line : cut_to_width(line, output.width));
    }
    const auto written = write_out(redrawn(text, output.height));
    if (!written.ok()) return fail(written.error(), ExitCode::Incomplete);
    if (waiting.wait(interval) == Wake::Stop) return ExitCode::Fine;
  }
}

// Into a pipe or a file: one listing after the other, with --json a line each.
ExitCode watch_in_stream(Machine& machine, const ListOptions& options, Duration interval) {
  const Waiting waiting;
  for (bool first = true;; first = false) {
    const Look look = look_at(machine, options);
    if (first) {
      for (const std::string& line : remarks_on(look)) remark(line);
    } else if (!options.common.json) {
      if (const auto written = write_out("\n"); !written.ok())
        return fail(written.error(), ExitCode::Incomplete);
    }
    const auto written = write_out(render(look, options, standard_output(options.common.colour_mode())));
    if (!written.ok()) return fail(written.error(), ExitCode::Incomplete);
    while (true) {
      const Wake wake = waiting.wait(interval);
      if (wake == Wake::Stop) return ExitCode::Fine;
      if (wake == Wake::Time) break;
    }
  }
}

// Only a daemon has watched for long enough to know.
ExitCode show_idle(const ListOptions& options, const Setup& setup) {
  const auto time = parse_duration(options.idle_for);
  if (!time) {
    return fail(Error{"--idle " + options.idle_for + ": expected a duration such as \"12h\" or \"30d\""},
                ExitCode::Usage);
  }
  const auto answer =
      ask_daemon({options.api_socket, setup.settings().metrics.addresses.front()}, "/api/v1/listeners");
  if (!answer.ok()) return fail(answer.error(), ExitCode::NoDaemon);
  const auto listeners = read_listener_report(*answer);
  if (!listeners.ok()) return fail(listeners.error(), ExitCode::NoDaemon);
  const auto idle = idle_among(*listeners, *time, SystemClock().now().wall);

  std::vector<std::string> rows;
  for (const ReportedListener& listener : idle) rows.push_back(listener.json);
  TableStyle style = standard_output(options.common.colour_mode()).table_style();
  style.headers = !options.no_headers;
  const auto written = write_out(
      options.common.json ? json_document(std::vector<JsonMember>{{"sockets", json_list(rows)}}) + "\n"
                          : idle_table(idle).render(style));
  return written.ok() ? ExitCode::Fine : fail(written.error(), ExitCode::Incomplete);
}

ExitCode run(const ListOptions& options) {
  auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);
  // Others need not be entered then, and what may not be is no gap.
  if (options.name_space == kHostNamespace)
    setup->configuration.settings.watch.namespaces = NamespacesMode::Host;
  if (!options.idle_for.empty()) return show_idle(options, *setup);
  if (!options.replay_file.empty()) {
    auto look = look_at_recording(options.replay_file, *setup, depth_of(options.selection()));
    if (!look.ok()) return fail(look.error(), ExitCode::Usage);
    return show(narrowed(*std::move(look), options), options);
  }
  auto machine = Machine::open(options.place, *setup, options.families(*setup));
  if (!machine.ok()) return fail(machine.error(), ExitCode::Incomplete);
  if (!options.watch_seconds) return show(look_at(**machine, options), options);
  const auto interval =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*options.watch_seconds));
  const bool on_screen = standard_output(options.common.colour_mode()).terminal && !options.common.json;
  return on_screen ? watch_on_screen(**machine, options, interval)
                   : watch_in_stream(**machine, options, interval);
}

}  // namespace

Command list_command() {
  const auto options = std::make_shared<ListOptions>();
  Command command{.name = "list",
                  .help = "What is open, whose it is, and whether that was expected",
                  .footer = kListExamples,
                  .run = [options] { return run(*options); }};
  command.options = {
      {.names = "--connected",
       .target = &options->connected,
       .help = "Connected sockets instead of listeners"},
      {.names = "--all",
       .target = &options->all,
       .help = "Both, of every family, in every state",
       .excludes = {"--connected"}},
      {.names = "--protocol",
       .target = &options->protocols,
       .help = "Only these, e.g. unix,packet; also those not shown else",
       .value = "PROTOCOL,...",
       .choices = names_of<Protocol>(),
       .commas = true},
      {.names = "--namespace",
       .target = &options->name_space,
       .help = "Only this network namespace; \"host\" is our own",
       .value = "NAME"},
      {.names = "--reach",
       .target = &options->reach,
       .help = "Only what can be reached so, published ports included",
       .value = "WORD,...",
       .choices = names_of<firewall::ReachWord>(),
       .excludes = {"--connected", "--all"},
       .commas = true},
      {.names = "--watch",
       .target = &options->watch_seconds,
       .help = "Again every SECONDS (default 2)",
       .value = "SECONDS",
       .range = OptionRange{0.1, 86400},
       .bare = "2"},
      {.names = "--replay",
       .target = &options->replay_file,
       .help = "Look at a recording instead of this machine",
       .value = "FILE",
       .excludes = {"--watch"}},
      {.names = "--no-headers", .target = &options->no_headers, .help = "No titles above the columns"},
      {.names = "-n,--numeric", .target = &options->numeric, .help = "No service names"},
      {.names = "--idle",
       .target = &options->idle_for,
       .help = "Listeners without a connection for that long, as the running daemon knows: 12h, 30d",
       .value = "TIME",
       .excludes = {"--connected", "--all", "--protocol", "--watch", "--replay"}},
      {.names = "--api-socket",
       .target = &options->api_socket,
       .help = "Where that daemon answers",
       .value = "SOCKET"},
  };
  add_common_options(command, options->common);
  add_machine_options(command, options->place);
  return command;
}

}  // namespace sockwatch
