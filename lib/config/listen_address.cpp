// SPDX-License-Identifier: Apache-2.0
#include "lib/config/listen_address.h"

#include <algorithm>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::string_view kForms = "\"127.0.0.1:10762\", \"[::1]:10762\", \"localhost:10762\" or \":10762\"";

Error not_an_address(std::string_view text, std::string_view wrong) {
  return {"\"" + std::string(text) + "\" " + std::string(wrong) + ", expected " + std::string(kForms)};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// RFC 1123 2.1. One whose last part begins with a digit is an address that somebody mistyped.
bool is_host_name(std::string_view text) {
  constexpr std::size_t kLongest = 253;
  if (text.empty() || text.size() > kLongest) return false;
  const auto parts = split(text, '.');
  if (parts.back().empty() || is_digit(parts.back().front())) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && part.front() != '-' && part.back() != '-' &&
           std::all_of(part.begin(), part.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
  });
}

// netdevice(7): at most 15 bytes, and what the kernel refuses in a name (dev_valid_name()).
bool is_zone(std::string_view text) {
  constexpr std::size_t kLongest = 15;
  return !text.empty() && text.size() <= kLongest &&
         text.find_first_of("/: \t\n%]") == std::string_view::npos;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (text.find('/') != std::string_view::npos) return not_an_address(text, "is a path");
  if (colon == std::string_view::npos) return not_an_address(text, "has no port");

  const auto port = parse_integer<std::uint16_t>(text.substr(colon + 1));
  if (!port || *port == 0) {
    return Error{"\"" + std::string(text) + "\" has no valid port, expected one from 1 to 65535"};
  }
  std::string_view host = text.substr(0, colon);
  if (host.empty()) host = "[::]";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && is_host_name(host)) return ListenAddress{.port = *port, .host = std::string(host)};
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without brackets nobody can tell where an IPv6 address ends and its port begins.
  const bool colons = host.find(':') != std::string_view::npos;
  const std::size_t percent = std::min(host.find('%'), host.size());
  const auto address = parse_ip_address(host.substr(0, percent));
  const std::string_view zone = host.substr(std::min(percent + 1, host.size()));
  const bool zoned = percent < host.size();
  if (!address || colons != bracketed || (zoned && (address->family == IpFamily::V4 || !is_zone(zone))))
    return not_an_address(text, "has no valid address");
  return ListenAddress{.address = *address, .port = *port, .zone = std::string(zone)};
}

std::string to_string(const ListenAddress& address) {
  const std::string port = ":" + std::to_string(address.port);
  if (!address.host.empty()) return address.host + port;
  if (address.address.family == IpFamily::V4) return to_string(address.address) + port;
  const std::string zone = address.zone.empty() ? "" : "%" + address.zone;
  return "[" + to_string(address.address) + zone + "]" + port;
}

}  // namespace sockwatch
