// SPDX-License-Identifier: Apache-2.0
#include "lib/config/settings_loader.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "lib/base/text.h"
#include "lib/config/config_files.h"
#include "lib/config/field.h"
#include "lib/config/setting_keys.h"

namespace sockwatch {
namespace {

// The names in `section`, or all sections where it is empty; each once.
std::vector<std::string_view> names_in(std::string_view section) {
  std::vector<std::string_view> names;
  for (const SettingKey& key : setting_keys()) {
    if (!section.empty() && key.section != section) continue;
    const std::string_view name = section.empty() ? key.section : key.name;
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

const SettingKey* find_key(std::string_view section, std::string_view name) {
  const auto keys = setting_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const SettingKey& key) {
    return key.section == section && key.name == name;
  });
  return found == keys.end() ? nullptr : &*found;
}

// Lays one file's values over `settings`.
class Overlay {
 public:
  Overlay(std::string_view file, Settings& settings, Problems& problems)
      : file_(file), settings_(settings), problems_(problems) {}

  void apply(std::string_view text) {
    const auto document = parse_document(file_, text);
    if (!document) return problems_.add(document.error());
    for (const Entry& section : *document) apply_section(section);
  }

 private:
  void apply_section(const Entry& section) {
    const auto sections = names_in("");
    if (section.key == "rule") {
      return problems_.add(file_, section.at, "unknown key \"rule\", expected rules in policy.d/*.toml");
    }
    if (std::find(sections.begin(), sections.end(), section.key) == sections.end()) {
      return reject_unknown_key(file_, section, "the settings", sections, problems_);
    }
    const Table* values = KeyValue(file_, section, problems_).table();
    if (values == nullptr) return;
    for (const Entry& entry : *values) apply_value(section.key, entry);
  }

  void apply_value(const std::string& section, const Entry& entry) {
    const SettingKey* key = find_key(section, entry.key);
    if (key == nullptr) {
      return reject_unknown_key(file_, entry, "[" + section + "]", names_in(section), problems_);
    }
    if (key->read(KeyValue(file_, entry, problems_), settings_)) {
      settings_.origins[key->path()] = printable(file_) + ":" + std::to_string(entry.node.at.line);
    }
  }

  std::string_view file_;
  Settings& settings_;
  Problems& problems_;
};

}  // namespace

Result<Configuration> load_settings(const std::string& file, MissingFile missing) {
  Configuration configuration;
  configuration.policy_directory = directory_of(file) + "/policy.d";
  Problems problems;

  const auto main = read_config_file(file);
  if (main) {
    Overlay(main->path, configuration.settings, problems).apply(main->text);
  } else if (main.error().code != ENOENT || missing == MissingFile::IsError) {
    problems.add(main.error());
  }
  const auto drop_ins = read_config_directory(directory_of(file) + "/conf.d");
  if (!drop_ins) problems.add(drop_ins.error());
  if (drop_ins) {
    for (const ConfigFile& each : *drop_ins) {
      Overlay(each.path, configuration.settings, problems).apply(each.text);
    }
  }
  if (!problems.empty()) return problems.error();
  return configuration;
}

Result<Settings> parse_settings(std::string_view file_name, std::string_view text) {
  Settings settings;
  Problems problems;
  Overlay(file_name, settings, problems).apply(text);
  if (!problems.empty()) return problems.error();
  return settings;
}

Result<void> override_listen_addresses(Settings& settings, const std::vector<std::string>& texts) {
  constexpr std::string_view kOption = "--web.listen-address";
  std::vector<ListenAddress> addresses;
  for (const std::string& text : texts) {
    auto address = parse_listen_address(text);
    if (!address) return address.error().within(kOption);
    // Once more is a mistake of no consequence, as in Prometheus' exporters.
    if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end())
      addresses.push_back(*std::move(address));
  }
  if (addresses.empty()) return {};
  settings.metrics.addresses = std::move(addresses);
  settings.origins["metrics.address"] = kOption;
  return {};
}

void override_web_config_file(Settings& settings, std::string path) {
  settings.metrics.web_config_file = std::move(path);
  settings.origins["metrics.web_config_file"] = "--web.config.file";
}

}  // namespace sockwatch
