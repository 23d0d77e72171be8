// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_request.h"

#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include <cstring>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

// What the headers say in more than one place.
struct Headers {
  int hosts = 0;
  int lengths = 0;
  bool malformed = false;
  std::string_view host;
};

bool is(const char* name, const char* other) {
  return ::strcasecmp(name, other) == 0;
}

MHD_Result add(void* to, MHD_ValueKind /*kind*/, const char* name, const char* value) noexcept {
  auto& headers = *static_cast<Headers*>(to);
  const std::string_view text(value != nullptr ? value : "");
  headers.malformed = headers.malformed || std::strpbrk(name, " \t") != nullptr || *name == '\0';
  if (is(name, MHD_HTTP_HEADER_HOST)) {
    ++headers.hosts;
    headers.host = text;
  } else if (is(name, MHD_HTTP_HEADER_CONTENT_LENGTH)) {
    ++headers.lengths;
    headers.malformed = headers.malformed || !parse_integer<std::uint64_t>(text);
  }
  return MHD_YES;
}

// "http://" or "https://", in letters of any case; 0 where there is neither.
std::size_t scheme_length(std::string_view uri) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (uri.size() >= scheme.size() && ::strncasecmp(uri.data(), scheme.data(), scheme.size()) == 0)
      return scheme.size();
  }
  return 0;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

std::optional<RequestTarget> parse_target(std::string_view uri, std::string_view host) {
  Authority asked = parse_authority(trim(host));
  if (!asked.valid) return std::nullopt;
  if (const std::size_t scheme = scheme_length(uri); scheme > 0) {
    uri.remove_prefix(scheme);
    const std::size_t slash = std::min(uri.find('/'), uri.size());
    asked = parse_authority(uri.substr(0, slash));
    uri.remove_prefix(slash);
    if (!asked.valid || asked.name.empty()) return std::nullopt;
    if (uri.empty()) uri = "/";
  }
  if (!uri.starts_with('/')) return std::nullopt;
  return RequestTarget{std::move(asked), uri};
}

std::optional<RequestTarget> target_of(MHD_Connection* connection, const char* uri,
                                       std::string_view version) {
  Headers headers;
  (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, &add, &headers);
  const bool needs_host = version != MHD_HTTP_VERSION_1_0;
  if (headers.malformed || headers.lengths > 1 || headers.hosts > 1 || (needs_host && headers.hosts == 0))
    return std::nullopt;
  return parse_target(uri, headers.host);
}

bool has_body(MHD_Connection* connection) {
  const char* length =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  return (length != nullptr && std::string_view(length) != "0") ||
         MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING) !=
             nullptr;
}

bool is_on_loopback(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  if (address.ss_family != AF_INET6) return false;
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

std::size_t unescape(char* text) {
  char* end = text;
  for (const char* next = text; *next != '\0'; ++next) {
    const int high = *next == '%' ? hex(next[1]) : -1;
    const int low = high >= 0 ? hex(next[2]) : -1;
    if (low >= 0 && high + low > 0) {
      *end++ = static_cast<char>(high * 16 + low);
      next += 2;
    } else {
      *end++ = *next;
    }
  }
  *end = '\0';
  return static_cast<std::size_t>(end - text);
}

}  // namespace sockwatch
