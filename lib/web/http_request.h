// SPDX-License-Identifier: Apache-2.0
// What a request asks for, where libmicrohttpd leaves it to the application to insist on the rules of
// RFC 9112. One thread, the server's.
#pragma once

#include <microhttpd.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/web/host_names.h"

namespace sockwatch {

struct RequestTarget {
  Authority host;         // without a name where the request has none
  std::string_view path;  // begins with a slash; refers to the text it was read from
};

// Of "/path" with the Host header, or of "http://host/path", whose host counts instead (RFC 9112 3.2.2).
// Nothing where a server has to answer 400.
std::optional<RequestTarget> parse_target(std::string_view uri, std::string_view host);

// The same of a request with its headers: HTTP/1.1 needs exactly one Host, at most one Content-Length, and no
// header name may end in a blank, which other readers would take for another header.
std::optional<RequestTarget> target_of(MHD_Connection* connection, const char* uri, std::string_view version);

// Whether the request announces a body.
bool has_body(MHD_Connection* connection);

// Whether the connection was made to an address of loopback.
bool is_on_loopback(int fd);

// %XX becomes its byte, but for %00: it would end the path there, and "/metrics%00x" be "/metrics". In place;
// returns the length that is left.
std::size_t unescape(char* text);

}  // namespace sockwatch
