// SPDX-License-Identifier: Apache-2.0
// sockwatch learn: a policy from what is open.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "cli/machine.h"
#include "cli/output.h"
#include "cli/policy_draft.h"
#include "cli/screen.h"
#include "cli/subcommand.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/config/config_files.h"
#include "lib/policy/policy_loader.h"

namespace sockwatch {
namespace {

struct LearnOptions {
  CommonOptions common;
  Machine::Place place;
  std::string output_file;
  std::string update_file;
  std::string watch_for;  // a duration
};

constexpr Duration kBetweenLooks = std::chrono::seconds(1);
constexpr int kLooksForOwners = 20;

constexpr const char* kLearnExamples = R"(Examples:
  sudo sockwatch learn                                     a policy on standard output, and what to look at
  sudo sockwatch learn --output /etc/sockwatch/policy.d/50-learned.toml
  sudo sockwatch learn --for 24h --output learned.toml     what comes and goes within a day, too
  sudo sockwatch learn --update policy.d/50-learned.toml   add what is new, keep every line that is there

What rules and built-in rules decide already gets no rule; what they alert about is never blessed.
Exit codes: 0 written, 2 wrong usage or configuration, 4 written, but part of the machine could not be seen.)";

bool any_owner_sought(const Look& look) {
  return std::any_of(look.listeners.begin(), look.listeners.end(), [](const OpenListener& open) {
    return open.listener.annotation.owner.state == OwnerState::Budget;
  });
}

// A look puts off owners that would cost too much at once; whoever learns waits for them.
Look look_with_owners(Machine& machine) {
  Look look = machine.look(Depth::Listeners);
  for (int i = 1; i < kLooksForOwners && any_owner_sought(look); ++i) look = machine.look(Depth::Listeners);
  return look;
}

void see_all(const Look& look, PolicyDraft& draft) {
  for (const OpenListener& open : look.listeners) {
    if (!open.listener.only_counted()) draft.see(open.listener);
  }
}

// Returns the last look. Ctrl-C is the wish to have what was seen so far.
Look watch(Machine& machine, Duration time, PolicyDraft& draft) {
  const SystemClock clock;
  remark("watching for " + to_string(time) + ", until " + to_rfc3339(clock.now().wall + time) +
         "; Ctrl-C writes what was seen so far");
  const Waiting waiting;
  const MonotonicTime end = clock.now().monotonic + time;
  for (;;) {
    Look look = look_with_owners(machine);
    see_all(look, draft);
    const Duration left = end - clock.now().monotonic;
    if (left <= Duration::zero()) return look;
    if (waiting.wait(std::min(kBetweenLooks, left)) == Wake::Stop) return look;
  }
}

// On standard error, because standard output may be the policy.
void say(std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), stderr);  // nobody is left to tell
}

void say_what_is_blessed(const PolicyDraft& draft, std::span<const Blessing> blessings) {
  const auto doubtful = std::count_if(blessings.begin(), blessings.end(),
                                      [](const Blessing& each) { return !doubt_about(each).empty(); });
  if (!blessings.empty()) say(blessing_table(blessings).render({}));
  remark(std::to_string(blessings.size()) + (blessings.size() == 1 ? " rule" : " rules") + ", " +
         std::to_string(doubtful) + " of them to look at (!); " + std::to_string(draft.named()) +
         " sockets are decided by rules already");
  for (const std::string& refused : draft.refused()) remark("not blessed: " + refused + " alerts about it");
}

Result<void> write_new(const LearnOptions& options, std::span<const Blessing> blessings) {
  const std::string text = draft_heading() + draft_text(blessings);
  if (options.output_file.empty()) return write_out(text);
  auto created = create_file(options.output_file, text);
  if (!created.ok() && created.error().code == EEXIST) {
    return Error{options.output_file + ": is there already, expected a new file, or --update to add to it"};
  }
  return created;
}

// The rules of the file to update; it may be one of those that are in force, or any other.
Result<std::vector<Rule>> rules_of(const LearnOptions& options, const Setup& setup) {
  if (options.update_file.empty()) return std::vector<Rule>();
  auto file = read_config_file(options.update_file);
  if (!file.ok()) return file.error();
  return parse_policy(file->path, file->text, lookup_in(setup.services));
}

Result<void> update(const LearnOptions& options, std::span<const Blessing> blessings) {
  if (blessings.empty()) return {};
  const auto file = read_config_file(options.update_file);
  if (!file.ok()) return file.error();
  const bool ended = file->text.empty() || file->text.ends_with('\n');
  return append_to_file(options.update_file, (ended ? "" : "\n") + draft_text(blessings));
}

ExitCode run(const LearnOptions& options) {
  const auto time = parse_duration(options.watch_for);
  if (!options.watch_for.empty() && !time) {
    return fail(
        Error{"--for " + options.watch_for + ": expected a duration such as \"90s\", \"10m\" or \"24h\""},
        ExitCode::Usage);
  }
  auto setup = options.common.load();
  if (!setup.ok()) return fail(setup.error(), ExitCode::Usage);
  const auto own = rules_of(options, *setup);
  if (!own.ok()) return fail(own.error(), ExitCode::Usage);
  // Before the machine is looked at: they may mean sockets that no rule in force does.
  setup->policy.rules.insert(setup->policy.rules.end(), own->begin(), own->end());
  auto machine = Machine::open(options.place, *setup, Machine::usual_families(*setup));
  if (!machine.ok()) return fail(machine.error(), ExitCode::Incomplete);

  PolicyDraft draft(setup->policy);
  const Look last = time ? watch(**machine, *time, draft) : look_with_owners(**machine);
  see_all(last, draft);

  const std::vector<Blessing> blessings = draft.blessings();
  say_what_is_blessed(draft, blessings);
  for (const Rule& rule : draft.unmet(*own))
    remark("not seen: rule \"" + printable(rule.name) + "\", " + rule.origin);
  const auto written =
      options.update_file.empty() ? write_new(options, blessings) : update(options, blessings);
  if (!written.ok()) return fail(written.error(), ExitCode::Usage);
  const std::vector<std::string> gaps = gap_lines(last);
  for (const std::string& gap : gaps) remark(gap);
  return gaps.empty() ? ExitCode::Fine : ExitCode::Incomplete;
}

}  // namespace

Command learn_command() {
  const auto options = std::make_shared<LearnOptions>();
  Command command{.name = "learn",
                  .help = "Writes a policy that expects what is open",
                  .footer = kLearnExamples,
                  .run = [options] { return run(*options); }};
  command.options = {
      {.names = "--output",
       .target = &options->output_file,
       .help = "A new file, instead of standard output",
       .value = "FILE"},
      {.names = "--update",
       .target = &options->update_file,
       .help = "Adds rules for what is new to a file, and says what was not seen any more",
       .value = "FILE",
       .excludes = {"--output"}},
      {.names = "--for",
       .target = &options->watch_for,
       .help = "Watches that long: 90s, 10m, 24h",
       .value = "TIME"},
  };
  add_setup_options(command, options->common);
  add_machine_options(command, options->place);
  return command;
}

}  // namespace sockwatch
