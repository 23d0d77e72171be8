// SPDX-License-Identifier: Apache-2.0
#include "lib/config/print_config.h"

#include "lib/config/setting_keys.h"

namespace sockwatch {

std::string print_config(const Settings& settings) {
  constexpr std::size_t kOriginColumn = 44;
  std::string text;
  std::string_view section;
  for (const SettingKey& key : setting_keys()) {
    if (key.section != section) {
      text += (text.empty() ? "[" : "\n[") + std::string(key.section) + "]\n";
      section = key.section;
    }
    std::string line = std::string(key.name) + " = " + key.print(settings);
    if (line.size() < kOriginColumn) line.resize(kOriginColumn, ' ');
    text += line + "  # " + std::string(settings.origin_of(key.path())) + "\n";
  }
  return text;
}

}  // namespace sockwatch
