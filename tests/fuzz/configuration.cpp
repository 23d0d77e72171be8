// SPDX-License-Identifier: Apache-2.0
// sockwatch.toml. What loads must also survive being printed and loaded again.
#include "lib/base/text.h"
#include "lib/config/print_config.h"
#include "lib/config/settings_loader.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const auto settings = parse_settings("sockwatch.toml", fuzz::text(data, size));
  if (!settings.ok()) {
    fuzz::require(settings.error().message.starts_with("sockwatch.toml:"));
    fuzz::require(is_utf8(settings.error().message));
    return 0;
  }
  const auto again = parse_settings("printed.toml", print_config(*settings));
  fuzz::require(again.ok());
  fuzz::require(again->watch == settings->watch && again->metrics == settings->metrics);
  fuzz::require(again->policy == settings->policy && again->alerts == settings->alerts);
  fuzz::require(again->annotate == settings->annotate);
  return 0;
}
