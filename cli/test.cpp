// SPDX-License-Identifier: Apache-2.0
// sockwatch test: whether a policy makes of sockets what somebody wrote down. Looks at nothing that is open.
#include <memory>

#include "cli/output.h"
#include "cli/policy_case.h"
#include "cli/subcommand.h"
#include "lib/config/config_files.h"

namespace sockwatch {
namespace {

struct TestOptions {
  CommonOptions common;
  std::vector<std::string> files;
};

constexpr const char* kTestExamples = R"(Examples:
  sockwatch test tests/*.toml --policy policy.d    in the CI of a repository that keeps the policy
  sockwatch test web.toml                          against the policy of this machine

A file holds sockets, and what the policy should make of them:
  [[socket]]
  name     = "nginx, and nobody else"
  protocol = "tcp"
  address  = "0.0.0.0"
  port     = 443                  # or "assigned"
  unit     = "nginx.service"      # also: container, exe, user, namespace, v6only, owner_state
  verdict  = "expected"
  rule     = "web"                # optional: which rule should decide

Exit codes: 0 all as written, 1 some are not, 2 wrong usage, configuration, policy or file.)";

// Every mistake in every file is told before anything is tried.
Result<std::vector<PolicyCase>> read_cases(const std::vector<std::string>& files,
                                           const ServiceTable& services) {
  std::vector<PolicyCase> cases;
  Problems problems;
  for (const std::string& path : files) {
    auto file = read_config_file(path);
    if (!file.ok()) {
      problems.add(file.error());
      continue;
    }
    auto parsed = parse_cases(file->path, file->text, services);
    if (!parsed.ok()) {
      problems.add(parsed.error());
      continue;
    }
    if (parsed->empty()) problems.add(path, "holds no socket, expected at least one [[socket]]");
    cases.insert(cases.end(), parsed->begin(), parsed->end());
  }
  if (!problems.empty()) return problems.error();
  return cases;
}

ExitCode run(const TestOptions& options) {
  const auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);
  const auto cases = read_cases(options.files, setup->services);
  if (!cases.ok()) return fail(cases.error(), ExitCode::Usage);
  const Trial trial = try_policy(setup->policy, *cases);
  const auto written = write_out(trial_text(trial, standard_output(options.common.colour_mode()).colour));
  if (!written.ok()) return fail(written.error(), ExitCode::Incomplete);
  return trial.failed.empty() ? ExitCode::Fine : ExitCode::Findings;
}

}  // namespace

Command test_command() {
  const auto options = std::make_shared<TestOptions>();
  Command command{.name = "test",
                  .help = "Whether a policy makes of sockets what files say it should",
                  .footer = kTestExamples,
                  .run = [options] { return run(*options); }};
  command.options = {
      {.names = "files",
       .target = &options->files,
       .help = "Sockets and their expected verdicts, as TOML",
       .value = "FILE",
       .required = true},
  };
  add_policy_option(command, options->common);
  add_colour_option(command, options->common);
  add_setup_options(command, options->common);
  return command;
}

}  // namespace sockwatch
