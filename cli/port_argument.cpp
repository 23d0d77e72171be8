// SPDX-License-Identifier: Apache-2.0
#include "cli/port_argument.h"

#include <algorithm>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLongestName = 64;

// Those that have ports.
std::optional<Protocol> parse_transport(std::string_view text) {
  const auto protocol = parse_word<Protocol>(text);
  return protocol && *protocol <= Protocol::Sctp ? protocol : std::nullopt;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::uint16_t> parse_port_number(std::string_view text) {
  const auto port = is_number(text) ? parse_integer<std::uint16_t>(text) : std::nullopt;
  return port && *port != 0 ? port : std::nullopt;
}

// RFC 6335 5.1 has letters, digits and hyphens; tables of one's own may have more.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '/'; });
}

Error not_a(std::string_view text, std::string_view expected) {
  return {"\"" + std::string(text) + "\": expected " + std::string(expected)};
}

// "tcp/22" as "22/tcp"; without a slash the second part is empty.
struct Parts {
  std::string_view what;
  std::string_view protocol;
  bool has_protocol;
};

Parts split_protocol(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {text, {}, false};
  const std::string_view left = text.substr(0, slash);
  const std::string_view right = text.substr(slash + 1);
  return parse_transport(left) ? Parts{right, left, true} : Parts{left, right, true};
}

}  // namespace

Result<PortArgument> parse_port(std::string_view text) {
  constexpr std::string_view kExpected =
      "a port from 1 to 65535, with or without tcp, udp, mptcp, udplite or sctp: 22, tcp/22";
  const Parts parts = split_protocol(text);
  const auto port = parse_port_number(parts.what);
  const auto protocol = parse_transport(parts.protocol);
  if (!port || (parts.has_protocol && !protocol)) return not_a(text, kExpected);
  return PortArgument{protocol, *port, {}};
}

Result<PortArgument> parse_port_or_name(std::string_view text) {
  constexpr std::string_view kExpected =
      "a port from 1 to 65535 or a service name, with or without a protocol: 22, 53/udp, ssh";
  const Parts parts = split_protocol(text);
  const auto protocol = parse_transport(parts.protocol);
  if (parts.has_protocol && !protocol) return not_a(text, kExpected);
  if (const auto port = parse_port_number(parts.what)) return PortArgument{protocol, *port, {}};
  if (is_number(parts.what) || !is_name(parts.what)) return not_a(text, kExpected);
  return PortArgument{protocol, 0, std::string(parts.what)};
}

}  // namespace sockwatch
