// SPDX-License-Identifier: Apache-2.0
#include "lib/config/setting_keys.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>

#include "lib/base/text.h"
#include "lib/config/toml_text.h"
#include "lib/config/webhook_keys.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr Duration kShortest = 10ms;
constexpr Duration kLongestDuration = 24h;
constexpr std::int64_t kMostSeries = 1000000;

// One read() and one print() for each type of value. read() leaves `value` alone where it fails.

template <typename E>
bool read(const KeyValue& field, E& value) {
  const auto word = field.word<E>();
  if (word) value = *word;
  return word.has_value();
}

template <typename E>
std::string print(const E& value) {
  return toml_quote(word(value));
}

bool read(const KeyValue& field, Duration& value) {
  const auto duration = field.duration(kShortest, kLongestDuration, "a duration from \"10ms\" to \"1d\"");
  if (duration) value = *duration;
  return duration.has_value();
}

std::string print(const Duration& value) {
  return toml_quote(to_string(value));
}

bool read(const KeyValue& field, Interval& value) {
  constexpr std::string_view kExpected = "a duration from \"10s\" to \"1d\", or \"off\"";
  const auto text = field.text(kExpected);
  if (!text) return false;
  if (*text == "off") {
    value.reset();
    return true;
  }
  const auto duration = field.duration(10s, kLongestDuration, kExpected);
  if (duration) value = *duration;
  return duration.has_value();
}

std::string print(const Interval& value) {
  return value ? print(*value) : toml_quote("off");
}

// "2%" or "0.25%", at most two decimals: hundredths of a percent are exact both ways.
std::optional<int> parse_basis_points(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() > 2 || parts.back().size() > 10) return std::nullopt;
  std::string digits(parts[0]);
  if (parts.size() == 2) {
    if (parts[0].empty() || parts[1].empty() || parts[1].size() > 2) return std::nullopt;
    digits += parts[1];
  }
  digits.append(parts.size() == 1 ? 2 : 2 - parts[1].size(), '0');
  const auto value = parse_integer<int>(digits);
  if (!value || *value < 1 || *value > 100 * 100) return std::nullopt;
  return *value;
}

bool read(const KeyValue& field, double& share) {
  constexpr std::string_view kExpected = "a share of one core from \"0.01%\" to \"100%\"";
  const auto text = field.text(kExpected);
  if (!text) return false;
  const auto points = parse_basis_points(*text);
  if (points) share = *points / 10000.0;
  if (!points) field.reject("is not a valid share", kExpected);
  return points.has_value();
}

std::string print(const double& share) {
  const long points = std::lround(share * 10000);
  std::string text = std::to_string(points / 100);
  if (points % 100 != 0) text += "." + std::to_string(100 + points % 100).substr(1);
  return toml_quote(text + "%");
}

bool read(const KeyValue& field, bool& value) {
  const auto flag = field.boolean();
  if (flag) value = *flag;
  return flag.has_value();
}

std::string print(const bool& value) {
  return value ? "true" : "false";
}

bool read(const KeyValue& field, std::size_t& count) {
  const auto value = field.integer(1, kMostSeries, "a number from 1 to 1000000");
  if (value) count = static_cast<std::size_t>(*value);
  return value.has_value();
}

std::string print(const std::size_t& count) {
  return std::to_string(count);
}

bool read(const KeyValue& field, std::string& path) {
  const auto text = field.path();
  if (text) path = *text;
  return text.has_value();
}

std::string print(const std::string& path) {
  return toml_quote(path);
}

bool read(const KeyValue& field, ListenAddress& value) {
  const auto text = field.text("an address such as \"127.0.0.1:10762\"");
  if (!text) return false;
  const auto address = parse_listen_address(*text);
  if (!address) {
    field.reject(address.error());
    return false;
  }
  value = *address;
  return true;
}

std::string print(const ListenAddress& value) {
  return toml_quote(to_string(value));
}

// One or several.
bool read(const KeyValue& field, std::vector<ListenAddress>& value) {
  std::vector<ListenAddress> addresses;
  bool valid = true;
  for (const KeyValue& element : field.one_or_more()) {
    ListenAddress address;
    if (!read(element, address)) {
      valid = false;
    } else if (std::find(addresses.begin(), addresses.end(), address) != addresses.end()) {
      element.reject("is there twice", "each address once");
      valid = false;
    } else {
      addresses.push_back(std::move(address));
    }
  }
  if (!valid || addresses.empty()) return false;
  value = std::move(addresses);
  return true;
}

std::string print(const std::vector<ListenAddress>& addresses) {
  if (addresses.size() == 1) return print(addresses.front());
  std::string text;
  for (const ListenAddress& address : addresses) text += (text.empty() ? "" : ", ") + print(address);
  return "[" + text + "]";
}

// Names as Host headers have them, in any case; without a port, which is no part of who is asked.
bool read(const KeyValue& field, std::vector<std::string>& names) {
  constexpr std::string_view kExpected = "a name such as \"web1.example.com\" or \"*.example.com\"";
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  std::vector<std::string> read;
  bool valid = true;
  for (const KeyValue& element : field.elements()) {
    const auto name = element.text(kExpected);
    if (!name) {
      valid = false;
      continue;
    }
    const std::string_view plain = std::string_view(*name).substr(name->starts_with("*.") ? 2 : 0);
    if (plain.empty() || plain.front() == '.' || plain.find_first_not_of(kLetters) != std::string::npos) {
      element.reject("is not the name of a host", kExpected);
      valid = false;
    }
    read.push_back(*name);
  }
  if (valid) names = std::move(read);
  return valid;
}

std::string print(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + toml_quote(name);
  return "[" + text + "]";
}

bool read(const KeyValue& field, std::vector<Protocol>& value) {
  std::vector<Protocol> protocols;
  bool valid = true;
  for (const KeyValue& element : field.one_or_more()) {
    Protocol protocol{};
    if (!read(element, protocol)) {
      valid = false;
    } else if (std::find(protocols.begin(), protocols.end(), protocol) != protocols.end()) {
      element.reject("is there twice", "each family once");
      valid = false;
    } else {
      protocols.push_back(protocol);
    }
  }
  if (!valid || protocols.empty()) return false;
  value = protocols;
  return true;
}

std::string print(const std::vector<Protocol>& protocols) {
  std::string text;
  for (const Protocol protocol : protocols) text += (text.empty() ? "" : ", ") + print(protocol);
  return "[" + text + "]";
}

bool read(const KeyValue& field, std::vector<WebhookSettings>& webhooks) {
  return read_webhooks(field, webhooks);
}

std::string print(const std::vector<WebhookSettings>& webhooks) {
  return print_webhooks(webhooks);
}

template <auto section, auto member>
constexpr SettingKey key(std::string_view section_name, std::string_view name) {
  return {section_name, name,
          [](const KeyValue& field, Settings& settings) { return read(field, settings.*section.*member); },
          [](const Settings& settings) { return print(settings.*section.*member); }};
}

constexpr std::array kSettingKeys = {
    key<&Settings::watch, &WatchSettings::listeners>("watch", "listeners"),
    key<&Settings::watch, &WatchSettings::connections>("watch", "connections"),
    key<&Settings::watch, &WatchSettings::events>("watch", "events"),
    key<&Settings::watch, &WatchSettings::owners>("watch", "owners"),
    key<&Settings::watch, &WatchSettings::connections_source>("watch", "connections_source"),
    key<&Settings::watch, &WatchSettings::namespaces>("watch", "namespaces"),
    key<&Settings::watch, &WatchSettings::families>("watch", "families"),
    key<&Settings::watch, &WatchSettings::cpu_budget>("watch", "cpu_budget"),
    key<&Settings::watch, &WatchSettings::hidden>("watch", "hidden"),
    key<&Settings::watch, &WatchSettings::max_listeners>("watch", "max_listeners"),
    key<&Settings::metrics, &MetricsSettings::addresses>("metrics", "address"),
    key<&Settings::metrics, &MetricsSettings::max_series>("metrics", "max_series"),
    key<&Settings::metrics, &MetricsSettings::web_config_file>("metrics", "web_config_file"),
    key<&Settings::web, &WebSettings::allowed_hosts>("web", "allowed_hosts"),
    key<&Settings::policy, &PolicySettings::default_action>("policy", "default"),
    key<&Settings::policy, &PolicySettings::first_run>("policy", "first_run"),
    key<&Settings::policy, &PolicySettings::restart_grace>("policy", "restart_grace"),
    key<&Settings::policy, &PolicySettings::owner_grace>("policy", "owner_grace"),
    key<&Settings::policy, &PolicySettings::plaintext_scope>("policy", "plaintext_scope"),
    key<&Settings::alerts, &AlertSettings::journal>("alerts", "journal"),
    key<&Settings::alerts, &AlertSettings::webhooks>("alerts", "webhook"),
    key<&Settings::annotate, &AnnotateSettings::services_file>("annotate", "services_file"),
};

}  // namespace

std::span<const SettingKey> setting_keys() {
  return kSettingKeys;
}

std::vector<Protocol> usual_families() {
  return {Protocol::Tcp,    Protocol::Udp,  Protocol::Mptcp, Protocol::Udplite, Protocol::Raw,
          Protocol::Packet, Protocol::Unix, Protocol::Vsock, Protocol::Sctp};
}

}  // namespace sockwatch
