// SPDX-License-Identifier: Apache-2.0
#include "lib/web/host_names.h"

#include <algorithm>

#include "lib/base/text.h"
#include "lib/model/endpoint.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLongestName = 255;

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return made;
}

std::string normal(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return lower(name);
}

bool is_name(std::string_view text) {
  return text.size() <= kLongestName && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '.' || c == '_';
         });
}

bool is_port(std::string_view text) {
  return text.empty() || parse_integer<std::uint16_t>(text).has_value();
}

// With its zone, which no name has: [fe80::1%25eth0] (RFC 6874).
bool is_ipv6(std::string_view text) {
  const auto address = parse_ip_address(text.substr(0, text.find('%')));
  return address.has_value() && text.find(':') != std::string_view::npos;
}

bool fits(std::string_view name, std::string_view allowed) {
  if (!allowed.starts_with("*.")) return name == allowed;
  return name.size() > allowed.size() - 1 && name.ends_with(allowed.substr(1));
}

}  // namespace

Authority parse_authority(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) return {};
    const std::string_view rest = text.substr(end + 1);
    const bool valid = rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
    return {lower(text.substr(0, end + 1)), valid};
  }
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (!is_name(name) || (colon != std::string_view::npos && !is_port(text.substr(colon + 1)))) return {};
  return {normal(name), true};
}

HostNames::HostNames(std::string_view own, const std::vector<std::string>& allowed)
    : names_{"localhost", "*.localhost"}, configured_(!allowed.empty()) {
  if (!own.empty()) {
    names_.push_back(normal(own));
    names_.push_back(normal(own.substr(0, own.find('.'))));
    names_.push_back(names_.back() + ".local");  // RFC 6762: of multicast DNS, which nobody afar can answer
  }
  for (const std::string& name : allowed) names_.push_back(normal(name));
}

bool HostNames::admit(const Authority& asked) const {
  if (!asked.valid) return false;
  // A request of HTTP/1.0 may name none; browsers speak no such thing.
  if (asked.name.empty() || asked.name.front() == '[' || parse_ip_address(asked.name)) return true;
  return std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& allowed) { return fits(asked.name, allowed); });
}

}  // namespace sockwatch
