// SPDX-License-Identifier: Apache-2.0
// Carries one body at a time to one receiver, in the background. A seam: tests answer themselves.
#pragma once

#include <optional>
#include <string>

#include "lib/base/clock.h"

namespace sockwatch {

struct HttpAnswer {
  int status = 0;          // 0: there was no answer
  std::string problem;     // why there was none, or what the answer said; foreign text
  Duration retry_after{};  // as the answer asks (Retry-After); 0 where it does not
};

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // Not while another body is under way. Never blocks.
  virtual void post(std::string body) = 0;
  // Once, when there is an answer; from the same thread as post().
  virtual std::optional<HttpAnswer> take() = 0;
};

}  // namespace sockwatch
