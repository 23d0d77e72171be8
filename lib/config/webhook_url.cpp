// SPDX-License-Identifier: Apache-2.0
#include "lib/config/webhook_url.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

#include "lib/base/text.h"
#include "lib/model/endpoint.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLongestUrl = 2048;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_url_host_name(std::string_view host) {
  if (host.empty() || host.front() == '-' || host.front() == '.') return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_host(std::string_view host) {
  if (!host.starts_with('[')) return is_url_host_name(host);
  if (!host.ends_with(']')) return false;
  const auto address = parse_ip_address(host.substr(1, host.size() - 2));
  return address && address->family == IpFamily::V6;
}

// The part behind the host, ":9093"; nothing is fine, too.
bool is_port(std::string_view text) {
  if (text.empty()) return true;
  const auto port = parse_integer<std::uint16_t>(text.substr(1));
  return text.front() == ':' && port && *port != 0;
}

bool has_broken_escape(std::string_view text) {
  const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return true;
  }
  return false;
}

// Scheme and host of what may be no URL at all.
std::string shown(std::string_view text) {
  const std::size_t scheme = text.find("//");
  const std::size_t host = scheme == text.npos ? 0 : scheme + 2;
  const std::size_t end = text.find('@') == text.npos ? text.find_first_of("/?#", host) : host;
  std::string shown(text.substr(0, std::min<std::size_t>(end, 100)));
  if (shown.size() < text.size()) shown += end != text.npos && text[end] == '/' ? "/…" : "…";
  return "\"" + shown + "\"";
}

}  // namespace

Result<WebhookUrl> parse_webhook_url(std::string_view text) {
  const auto complaint = [&](std::string_view wrong, std::string_view expected) {
    return Error{shown(text) + " " + std::string(wrong) + ", expected " + std::string(expected)};
  };
  WebhookUrl url;
  if (text.size() > kLongestUrl) return complaint("is too long", "a URL of at most 2048 bytes");
  const bool graphic = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!graphic || text.find_first_of("\"<>\\^`{|}") != std::string_view::npos) {
    return complaint("has characters that a URL cannot have", "them as %XX");
  }
  if (has_broken_escape(text)) return complaint("has a % that begins no %XX", "\"%25\" for a % itself");
  url.encrypted = text.starts_with("https://");
  if (!url.encrypted && !text.starts_with("http://")) {
    return complaint("is not a URL of HTTP", "\"http://…\" or \"https://…\"");
  }
  std::string_view rest = text.substr(text.find("//") + 2);
  if (rest.find('#') != std::string_view::npos) return complaint("has a fragment", "none");
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return complaint("names a user", "username and password_file instead");
  }
  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  const std::string_view host = authority.substr(0, host_end);
  if (!is_host(host)) return complaint("has no valid host", "a name, an IPv4 or an [IPv6] address");
  if (!is_port(authority.substr(host.size()))) return complaint("has no valid port", "one from 1 to 65535");
  url.path = rest.substr(0, rest.find('?'));
  return url;
}

}  // namespace sockwatch
