// SPDX-License-Identifier: Apache-2.0
#include "lib/config/listen_address.h"

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::string_view kForms = "\"127.0.0.1:10762\", \"[::1]:10762\" or \":10762\"";

Error not_an_address(std::string_view text, std::string_view wrong) {
  return {"\"" + std::string(text) + "\" " + std::string(wrong) + ", expected " + std::string(kForms)};
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
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without brackets nobody can tell where an IPv6 address ends and its port begins.
  const bool colons = host.find(':') != std::string_view::npos;
  const auto address = parse_ip_address(host);
  if (!address || colons != bracketed) return not_an_address(text, "has no valid address");
  return ListenAddress{*address, *port};
}

std::string to_string(const ListenAddress& address) {
  return to_string(Endpoint{address.address, address.port, 0});
}

}  // namespace sockwatch
