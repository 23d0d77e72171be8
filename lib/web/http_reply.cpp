// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_reply.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace sockwatch {
namespace {

// The page is a document, a style sheet, a script and a picture of ours: nothing else may load, run, frame it
// or be sent from it, and no script or style may stand in the document itself.
constexpr std::array kSecurityHeaders = {
    std::pair{"Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
              "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    std::pair{"X-Content-Type-Options", "nosniff"},
    std::pair{"X-Frame-Options", "deny"},  // for browsers that do not know frame-ancestors
    std::pair{"Referrer-Policy", "no-referrer"},
    std::pair{"Cache-Control", "no-store"},
};

using Body = std::shared_ptr<const std::string>;

void release_body(void* held) {
  delete static_cast<Body*>(held);
}

// The body stays where it is; the response holds a share of it.
Response make_response(const Body& body) {
  auto held = std::make_unique<Body>(body);
  // The library never writes to the buffer; its interface is older than its const.
  char* bytes = const_cast<char*>(body->data());
  Response response(
      MHD_create_response_from_buffer_with_free_callback_cls(body->size(), bytes, &release_body, held.get()));
  if (response) (void)held.release();  // the response frees it
  return response;
}

// Null where the client gets the body as it is.
Body compressed_for(MHD_Connection* connection, const HttpResponse& answer) {
  if (!answer.gzip) return nullptr;
  const char* header =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
  return header != nullptr && accepts_gzip(header) ? answer.gzip->get() : nullptr;
}

}  // namespace

std::vector<HttpHeader> standing_headers(std::span<const HttpHeader> configured) {
  std::vector<HttpHeader> headers;
  for (const auto& [name, value] : kSecurityHeaders) headers.push_back({name, value});
  for (const HttpHeader& header : configured) {
    const auto ours = std::find_if(headers.begin(), headers.end(),
                                   [&](const HttpHeader& each) { return each.name == header.name; });
    if (ours == headers.end()) {
      headers.push_back(header);
    } else {
      ours->value = header.value;
    }
  }
  return headers;
}

HttpResponse plain_reply(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::make_shared<const std::string>(std::move(text)), nullptr};
}

HttpResponse ask(const HttpHandler& handler, std::string_view path) {
  try {
    return handler(path);
  } catch (...) {
    return plain_reply(MHD_HTTP_INTERNAL_SERVER_ERROR, "something went wrong in here\n");
  }
}

MHD_Result send_reply(MHD_Connection* connection, const HttpResponse& answer,
                      std::span<const HttpHeader> standing) {
  const Body zipped = compressed_for(connection, answer);
  const Response response = make_response(zipped ? zipped : answer.body);
  if (!response) return MHD_NO;
  if (zipped && MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip") != MHD_YES)
    return MHD_NO;
  return queue_reply(connection, answer, response.get(), standing);
}

MHD_Result queue_reply(MHD_Connection* connection, const HttpResponse& answer, MHD_Response* response,
                       std::span<const HttpHeader> standing) {
  bool complete = true;
  const auto add = [&](const char* name, const char* value) {
    complete = complete && MHD_add_response_header(response, name, value) == MHD_YES;
  };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
  for (const HttpHeader& header : standing) add(header.name.c_str(), header.value.c_str());
  if (answer.gzip) add(MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
  if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED) add(MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  if (answer.status == MHD_HTTP_UNAUTHORIZED) add(MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic");
  // nginx would keep a stream back until 8 KiB have come together.
  if (answer.stream) add("X-Accel-Buffering", "no");
  // What follows a request that was not understood may be a part of it.
  if (answer.status == MHD_HTTP_BAD_REQUEST || answer.status == MHD_HTTP_CONTENT_TOO_LARGE)
    add(MHD_HTTP_HEADER_CONNECTION, "close");
  return complete ? MHD_queue_response(connection, answer.status, response) : MHD_NO;
}

}  // namespace sockwatch
