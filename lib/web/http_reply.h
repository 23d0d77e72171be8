// SPDX-License-Identifier: Apache-2.0
// An answer on its way into libmicrohttpd: its headers, its body in the form the client asked for.
#pragma once

#include <microhttpd.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/web/http_server.h"

namespace sockwatch {

// What every answer carries. A configured header replaces ours of the same name.
std::vector<HttpHeader> standing_headers(std::span<const HttpHeader> configured);

HttpResponse plain_reply(unsigned status, std::string text);

// The handler's answer; a 500 where it throws.
HttpResponse ask(const HttpHandler& handler, std::string_view path);

struct DestroyResponse {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using Response = std::unique_ptr<MHD_Response, DestroyResponse>;

// MHD_NO, which closes the connection, where memory is short: rather that than leave a header out.
MHD_Result send_reply(MHD_Connection* connection, const HttpResponse& answer,
                      std::span<const HttpHeader> standing);

// The same for a body that is made otherwise; of the answer, status and type count.
MHD_Result queue_reply(MHD_Connection* connection, const HttpResponse& answer, MHD_Response* response,
                       std::span<const HttpHeader> standing);

}  // namespace sockwatch
