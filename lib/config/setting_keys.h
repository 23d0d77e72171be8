// SPDX-License-Identifier: Apache-2.0
// The table of all settings: one line a key says where it is stored; how it is read, checked and printed
// follows from its type. Loading, printing and the check of the documentation all walk this table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lib/config/field.h"
#include "lib/config/settings.h"

namespace sockwatch {

struct SettingKey {
  std::string_view section;
  std::string_view name;
  // Stores the value and returns true, or notes problems and returns false.
  bool (*read)(const KeyValue& field, Settings& settings);
  std::string (*print)(const Settings& settings);  // as TOML

  std::string path() const { return std::string(section) + "." + std::string(name); }
};

// Grouped by section.
std::span<const SettingKey> setting_keys();

}  // namespace sockwatch
