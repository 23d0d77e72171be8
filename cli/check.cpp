// SPDX-License-Identifier: Apache-2.0
// sockwatch check: is the configuration right, and with --now, is what is open? With --hidden: is a port
// hidden from somebody who asks the kernel? With --replay: what would the daemon have told of a recording?
#include <algorithm>
#include <memory>

#include "cli/alert_list.h"
#include "cli/findings.h"
#include "cli/hidden_ports.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/recording.h"
#include "cli/subcommand.h"
#include "lib/base/text.h"
#include "lib/config/config_files.h"
#include "lib/config/web_config.h"

namespace sockwatch {
namespace {

struct CheckOptions {
  CommonOptions common;
  Machine::Place place;
  bool now = false;
  bool hidden = false;
  std::string replay_file;
  bool strict = false;
};

constexpr const char* kCheckExamples = R"(Examples:
  sockwatch check                 read configuration and policy, say what is wrong
  sockwatch check --now           and list what is open and was not expected
  sockwatch check --now --json
  sockwatch check --hidden        compare what sock_diag, /proc/net, BPF and bind say about every port
  sockwatch check --now --strict --policy ./policy.d    by rules alone that are not in force yet
  sockwatch check --replay FILE --strict --policy ./policy.d    which alerts they would have led to
  sockwatch check --config ./sockwatch.toml && systemctl reload sockwatch

Exit codes: 0 fine, 1 something unexpected or hidden is open or something required is not (--replay: there would
have been alerts), 2 wrong usage or configuration, 4 nothing of that was found, but not everything could be seen.)";

// What was read, now that all of it is known to be right.
std::vector<std::string> files_of(const CheckOptions& options, const Setup& setup) {
  const std::string main =
      options.common.config_file.empty() ? kDefaultConfigFile : options.common.config_file;
  std::vector<std::string> paths;
  if (read_config_file(main).ok()) paths.push_back(main);
  for (const std::string& directory :
       {directory_of(main) + "/conf.d", setup.configuration.policy_directory}) {
    const auto files = read_config_directory(directory);
    if (!files.ok()) continue;
    for (const ConfigFile& file : *files) paths.push_back(file.path);
  }
  for (const std::string* named :
       {&setup.settings().annotate.services_file, &setup.settings().metrics.web_config_file}) {
    if (!named->empty()) paths.push_back(*named);
  }
  return paths;
}

std::string summary_text(const std::vector<std::string>& files, const Setup& setup) {
  std::string text;
  for (const std::string& file : files) text += printable(file) + "\n";
  if (files.empty()) text += "no configuration files: the built-in defaults hold\n";
  return text + "OK: " + std::to_string(setup.policy.rules.size()) + " rules, and " +
         std::to_string(setup.policy.built_in.size()) +
         " built in; what none of them names: " + std::string(word(setup.policy.default_action)) + "\n";
}

std::vector<JsonMember> summary_json(const std::vector<std::string>& files, const Setup& setup) {
  std::vector<std::string> rows;
  for (const std::string& file : files) rows.push_back(json_object(std::vector<Field>{{"path", file}}));
  std::vector<std::string> warnings;
  for (const auto line : split(setup.policy.warnings, '\n')) {
    if (!line.empty()) warnings.push_back(json_object(std::vector<Field>{{"message", std::string(line)}}));
  }
  return {{"files", json_list(rows)},
          {"rules", std::to_string(setup.policy.rules.size())},
          {"warnings", json_list(warnings)}};
}

void append(std::vector<JsonMember>& members, std::vector<JsonMember> more) {
  for (JsonMember& member : more) members.push_back(std::move(member));
}

std::vector<JsonMember> gaps_json(const std::vector<Unseen>& gaps) {
  return {{"complete", gaps.empty() ? "true" : "false"}, {"unseen", unseen_json(gaps)}};
}

ExitCode check_files(const CheckOptions& options, const Setup& setup) {
  const std::vector<std::string> files = files_of(options, setup);
  const auto written = write_out(options.common.json ? json_document(summary_json(files, setup)) + "\n"
                                                     : summary_text(files, setup));
  return written.ok() ? ExitCode::Fine : fail(written.error(), ExitCode::Incomplete);
}

ExitCode check_machine(const CheckOptions& options, const Setup& setup) {
  Machine::Place place = options.place;
  place.with_memory = !options.strict;
  auto machine = Machine::open(place, setup, Machine::usual_families(setup));
  if (!machine.ok()) return fail(machine.error(), ExitCode::Incomplete);
  const Look look = (*machine)->look(Depth::Listeners);
  const Findings findings = find_unexpected(look, setup.policy);
  const std::vector<Unseen> gaps = gaps_of(look);

  std::string text;
  if (options.common.json) {
    std::vector<JsonMember> members = summary_json(files_of(options, setup), setup);
    append(members, gaps_json(gaps));
    append(members, findings_json(findings));
    text = json_document(members) + "\n";
  } else {
    text = findings_text(findings, standard_output(options.common.colour_mode()).table_style());
  }
  if (const auto written = write_out(text); !written.ok()) return fail(written.error(), ExitCode::Incomplete);
  for (const std::string& line : remarks_on(look)) remark(line);
  if (!findings.empty()) return ExitCode::Findings;
  return gaps.empty() ? ExitCode::Fine : ExitCode::Incomplete;
}

ExitCode check_hidden(const CheckOptions& options, const Setup& setup) {
  const CrossCheck::Result result = find_hidden_ports(options.place.roots.proc);
  std::string text = hidden_ports_text(result);
  if (options.common.json) {
    std::vector<JsonMember> members = summary_json(files_of(options, setup), setup);
    append(members, gaps_json(result.unseen));
    members.push_back(hidden_ports_json(result));
    text = json_document(members) + "\n";
  }
  if (const auto written = write_out(text); !written.ok()) return fail(written.error(), ExitCode::Incomplete);
  for (const Unseen& gap : result.unseen)
    remark("not asked: " + printable(gap.what) + ": " + printable(gap.why));
  if (!result.hidden.empty()) return ExitCode::Findings;
  return result.unseen.empty() ? ExitCode::Fine : ExitCode::Incomplete;
}

std::string alerts_json(const std::vector<Alert>& alerts) {
  std::vector<std::string> rows;
  for (const Alert& alert : alerts) rows.push_back(alert_json(alert));
  return json_document(std::vector<JsonMember>{{"alerts", json_list(rows)}});
}

ExitCode check_recording(const CheckOptions& options, const Setup& setup) {
  const auto told = alerts_in_recording(options.replay_file, setup);
  if (!told.ok()) return fail(told.error(), ExitCode::Usage);
  const auto wrong = std::count_if(told->alerts.begin(), told->alerts.end(),
                                   [](const Alert& alert) { return alert.tone == AlertTone::Wrong; });
  std::string text;
  if (options.common.json) {
    text = alerts_json(told->alerts) + "\n";
  } else {
    if (!told->alerts.empty())
      text = alert_table(told->alerts).render(standard_output(options.common.colour_mode()).table_style());
    text += "Alerts about something wrong: " + std::to_string(wrong) + " of " +
            std::to_string(told->alerts.size()) + ".\n";
  }
  if (const auto written = write_out(text); !written.ok()) return fail(written.error(), ExitCode::Incomplete);
  remark("owners are unknown: a recording does not hold them");
  if (told->cut_short) remark(printable(options.replay_file) + " is cut short: its last message is left out");
  if (!told->damage.empty()) remark(printable(options.replay_file) + ": " + told->damage);
  if (wrong > 0) return ExitCode::Findings;
  return told->cut_short || !told->damage.empty() ? ExitCode::Incomplete : ExitCode::Fine;
}

ExitCode run(const CheckOptions& options) {
  auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);
  if (options.strict) setup->configuration.settings.policy.first_run = FirstRun::Strict;
  if (!options.replay_file.empty()) return check_recording(options, *setup);
  // Whether key and certificate fit each other only the daemon finds out, which has TLS.
  if (const std::string& web = setup->settings().metrics.web_config_file; !web.empty()) {
    if (const auto loaded = load_web_config(web); !loaded.ok()) return fail(loaded.error(), ExitCode::Usage);
  }
  if (!setup->policy.warnings.empty()) (void)fail(Error{setup->policy.warnings}, ExitCode::Fine);
  if (options.hidden) return check_hidden(options, *setup);
  return options.now ? check_machine(options, *setup) : check_files(options, *setup);
}

}  // namespace

Command check_command() {
  const auto options = std::make_shared<CheckOptions>();
  Command command{.name = "check",
                  .help = "Whether configuration and policy are right, and what is open",
                  .footer = kCheckExamples,
                  .run = [options] { return run(*options); }};
  command.options = {
      {.names = "--now",
       .target = &options->now,
       .help = "Look at this machine, too, and list what was not expected"},
      {.names = "--hidden",
       .target = &options->hidden,
       .help = "Compare several ways to ask the kernel for its ports: who hides one?",
       .excludes = {"--now"}},
      {.names = "--replay",
       .target = &options->replay_file,
       .help = "Which alerts a recording would have led to",
       .value = "FILE",
       .excludes = {"--now", "--hidden"}},
      {.names = "--strict",
       .target = &options->strict,
       .help = "Nothing counts as learned, also not at a recording's first look"},
  };
  add_policy_option(command, options->common);
  add_common_options(command, options->common);
  add_machine_options(command, options->place);
  return command;
}

}  // namespace sockwatch
