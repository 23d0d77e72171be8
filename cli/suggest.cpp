// SPDX-License-Identifier: Apache-2.0
// sockwatch suggest: rules for those who enforce, from what is open and expected.
#include <algorithm>
#include <memory>

#include "cli/machine.h"
#include "cli/output.h"
#include "cli/policy_case.h"
#include "cli/subcommand.h"
#include "cli/suggestion.h"
#include "lib/base/text.h"
#include "lib/config/config_files.h"
#include "lib/policy/judge.h"

namespace sockwatch {
namespace {

struct SuggestOptions {
  CommonOptions common;
  Machine::Place place;
  std::string sockets_file;
  std::vector<std::string> units;
};

constexpr const char* kSuggestExamples = R"(Examples:
  sudo sockwatch suggest systemd nginx.service    which ports this service may bind to, as a drop-in
  sudo sockwatch suggest systemd                  one for each service that listens or that a rule names
  sudo sockwatch suggest nftables >input.nft      an input chain that admits what is expected
  sockwatch suggest nftables --sockets web.toml --policy policy.d    from files alone, see sockwatch test

Every line stands below its reason. Nothing is changed: read it, then install it yourself.
Exit codes: 0 written, 2 wrong usage or configuration, 4 written, but part of the machine could not be seen.)";

struct Judged {
  std::vector<Listener> listeners;
  std::vector<std::string> gaps;
};

Result<Judged> judge_file(const std::string& path, const Setup& setup) {
  const auto file = read_config_file(path);
  if (!file.ok()) return file.error();
  const auto cases = parse_cases(file->path, file->text, setup.services);
  if (!cases.ok()) return cases.error();
  Judged judged;
  for (const PolicyCase& each : *cases) {
    judged.listeners.push_back(each.listener);
    judged.listeners.back().verdict = judge(each.listener, setup.policy, {}, OwnerEvidence::Final);
  }
  return judged;
}

Result<Judged> judge_machine(const SuggestOptions& options, const Setup& setup) {
  auto machine = Machine::open(options.place, setup, Machine::usual_families(setup));
  if (!machine.ok()) return machine.error();
  const Look look = (*machine)->look(Depth::Listeners);
  Judged judged;
  for (const OpenListener& open : look.listeners) {
    if (!open.listener.only_counted()) judged.listeners.push_back(open.listener);
  }
  judged.gaps = gap_lines(look);
  return judged;
}

// Suggestions may be written by whoever turns sockets and a policy into text.
using Write = std::string (*)(const SuggestOptions& options, const Judged& judged, const Policy& policy);

ExitCode run(const SuggestOptions& options, Write write) {
  const auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);
  const bool from_file = !options.sockets_file.empty();
  const auto judged = from_file ? judge_file(options.sockets_file, *setup) : judge_machine(options, *setup);
  if (!judged.ok()) return fail(judged.error(), from_file ? ExitCode::Usage : ExitCode::Incomplete);
  const auto written = write_out(write(options, *judged, setup->policy));
  if (!written.ok()) return fail(written.error(), ExitCode::Incomplete);
  for (const std::string& gap : judged->gaps) remark(gap);
  return judged->gaps.empty() ? ExitCode::Fine : ExitCode::Incomplete;
}

std::string systemd_text(const SuggestOptions& options, const Judged& judged, const Policy& policy) {
  const BindSuggestion suggestion = suggest_bind_rules(judged.listeners, policy, read_systemd_build());
  const auto& units = options.units;
  std::string text;
  for (const DropIn& drop_in : suggestion.drop_ins) {
    if (!units.empty() && std::find(units.begin(), units.end(), drop_in.unit) == units.end()) continue;
    text += (text.empty() ? "" : "\n") + drop_in.text;
  }
  if (text.empty()) remark("no such service listens, and no rule names one");
  if (units.empty()) {
    for (const std::string& left_out : suggestion.left_out) remark("no drop-in for " + left_out);
  }
  return text;
}

std::string nftables_text(const SuggestOptions&, const Judged& judged, const Policy& policy) {
  return suggest_input_chain(judged.listeners, policy);
}

Command target(const char* name, const char* help, const std::shared_ptr<SuggestOptions>& options,
               Write write) {
  return {.name = name, .help = help, .run = [options, write] { return run(*options, write); }};
}

void add_input_options(Command& command, SuggestOptions& options) {
  command.options.push_back({.names = "--sockets",
                             .target = &options.sockets_file,
                             .help = "Sockets of a file for sockwatch test, instead of this machine's",
                             .value = "FILE"});
  add_policy_option(command, options.common);
  add_setup_options(command, options.common);
  add_machine_options(command, options.place);
}

}  // namespace

Command suggest_command() {
  const auto options = std::make_shared<SuggestOptions>();
  Command systemd = target("systemd", "Drop-ins: SocketBindDeny=any, and what a service may bind to", options,
                           systemd_text);
  systemd.options = {
      {.names = "units", .target = &options->units, .help = "These services only", .value = "UNIT"}};
  add_input_options(systemd, *options);
  Command nftables =
      target("nftables", "An input chain that admits expected listeners", options, nftables_text);
  add_input_options(nftables, *options);
  return {.name = "suggest",
          .help = "Rules for systemd or nftables that admit what is expected",
          .footer = kSuggestExamples,
          .commands = {std::move(systemd), std::move(nftables)}};
}

}  // namespace sockwatch
