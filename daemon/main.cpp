// SPDX-License-Identifier: Apache-2.0
// sockwatchd: options, settings, then one of its ways to run.
#include <cstdio>
#include <string>

#include "daemon/app.h"
#include "daemon/event_loop.h"
#include "daemon/load.h"
#include "daemon/one_look.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/config/print_config.h"

namespace {

using namespace sockwatch;

constexpr int kCouldNotStart = 1;
constexpr int kBadConfiguration = 78;  // EX_CONFIG, sysexits.h

// Without the log's time and level, so that a line starts with file:line:column. Its quotes are escaped.
int complain(const Error& error, int exit_code) {
  const char* priority = !service::logs_to_journal() ? "" : exit_code == 0 ? "<4>" : "<3>";
  for (const auto line : split(error.message, '\n'))
    std::fprintf(stderr, "%s%s\n", priority, std::string(line).c_str());
  return exit_code;
}

int run(Options options, Setup setup) {
  auto app = App::start(std::move(options), std::move(setup));
  return app.ok() ? (*app)->run() : complain(app.error(), kCouldNotStart);
}

int finish(const Result<void>& done) {
  return done.ok() ? 0 : complain(done.error(), kCouldNotStart);
}

}  // namespace

int main(int argc, char** argv) {
  auto [options, exit_code] = parse_options(argc, argv);
  if (!options) return exit_code;
  log::start(options->log_level, service::logs_to_journal() ? log::Style::JournalPrefix : log::Style::Plain);

  auto setup = load(*options);
  if (!setup.ok()) return complain(setup.error(), kBadConfiguration);

  switch (options->mode) {
    case Mode::CheckConfig:
      return setup->policy.warnings.empty() ? 0 : complain({setup->policy.warnings}, 0);
    case Mode::PrintConfig:
      return finish(print(print_config(setup->settings())));
    case Mode::Once:
      return finish(look_once(*options, *setup));
    case Mode::Replay:
      return finish(replay(*options, *setup));
    case Mode::Run:
      return run(*std::move(options), *std::move(setup));
  }
}
