// SPDX-License-Identifier: Apache-2.0
#include "daemon/load.h"

#include "daemon/webhook_files.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/web/web_access.h"

namespace sockwatch {

Result<Setup> load(const Options& options) {
  auto setup = load_setup(options.config_file, options.listen_addresses);
  if (!setup.ok()) return setup;
  Settings& settings = setup->configuration.settings;
  if (!options.web_config_file.empty()) override_web_config_file(settings, options.web_config_file);
  // Only when asked: a daemon that watches is worth more than one that refuses to for a receiver's sake.
  if (options.mode == Mode::CheckConfig) {
    if (auto checked = check_webhook_files(settings.alerts.webhooks); !checked.ok()) return checked.error();
  }
  if (settings.metrics.web_config_file.empty()) return setup;
  if (auto checked = check_web_config(settings.metrics.web_config_file); !checked.ok())
    return checked.error();
  return setup;
}

void say_warnings(const Setup& setup) {
  for (const auto line : split(setup.policy.warnings, '\n')) {
    if (!line.empty()) log::warning(line);
  }
}

}  // namespace sockwatch
