// SPDX-License-Identifier: Apache-2.0
// sockwatch check: is the configuration right, and with --now, is what is open?
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/findings.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/subcommand.h"
#include "lib/base/text.h"
#include "lib/config/config_files.h"

namespace sockwatch {
namespace {

struct CheckOptions {
  CommonOptions common;
  Machine::Place place;
  bool now = false;
};

constexpr const char* kExamples = R"(Examples:
  sockwatch check                 read configuration and policy, say what is wrong
  sockwatch check --now           and list what is open and was not expected
  sockwatch check --now --json
  sockwatch check --config ./sockwatch.toml && systemctl reload sockwatch

Exit codes: 0 fine, 1 something unexpected is open or something required is not, 2 wrong usage or configuration,
4 nothing unexpected was found, but part of the machine could not be seen.)";

// What was read, now that all of it is known to be right.
std::vector<std::string> files_of(const CheckOptions& options, const Setup& setup) {
  const std::string main =
      options.common.config_file.empty() ? kDefaultConfigFile : options.common.config_file;
  std::vector<std::string> paths;
  if (read_config_file(main).ok()) paths.push_back(main);
  for (const char* directory : {"/conf.d", "/policy.d"}) {
    const auto files = read_config_directory(directory_of(main) + directory);
    if (!files.ok()) continue;
    for (const ConfigFile& file : *files) paths.push_back(file.path);
  }
  const std::string& services = setup.settings().annotate.services_file;
  if (!services.empty()) paths.push_back(services);
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
  return {{"files", json_list(rows)}, {"rules", std::to_string(setup.policy.rules.size())}};
}

void append(std::vector<JsonMember>& members, std::vector<JsonMember> more) {
  for (JsonMember& member : more) members.push_back(std::move(member));
}

std::vector<JsonMember> gaps_json(const std::vector<Unseen>& gaps) {
  std::vector<std::string> rows;
  for (const Unseen& gap : gaps)
    rows.push_back(json_object(std::vector<Field>{{"what", gap.what}, {"why", gap.why}}));
  return {{"complete", gaps.empty() ? "true" : "false"}, {"unseen", json_list(rows)}};
}

ExitCode check_files(const CheckOptions& options, const Setup& setup) {
  const std::vector<std::string> files = files_of(options, setup);
  const auto written = write_out(options.common.json ? json_document(summary_json(files, setup)) + "\n"
                                                     : summary_text(files, setup));
  return written.ok() ? ExitCode::Fine : fail(written.error(), ExitCode::Incomplete);
}

ExitCode check_machine(const CheckOptions& options, const Setup& setup) {
  auto machine = Machine::open(options.place, setup, Machine::usual_families(setup.settings()));
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

ExitCode run(const CheckOptions& options) {
  const auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);
  return options.now ? check_machine(options, *setup) : check_files(options, *setup);
}

}  // namespace

void add_check(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      app.add_subcommand("check", "Whether configuration and policy are right, and what is open");
  command->add_flag("--now", options->now, "Look at this machine, too, and list what was not expected");
  add_common_options(*command, options->common);
  add_machine_options(*command, options->place);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sockwatch
