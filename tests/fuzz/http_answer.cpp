// SPDX-License-Identifier: Apache-2.0
// What answers at the address of a daemon's API: a body that stands in it, or one line of complaint.
#include "cli/daemon_api.h"
#include "lib/base/text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const std::string_view response = fuzz::text(data, size);
  const auto body = body_of(response);
  if (body.ok()) {
    fuzz::require(response.ends_with(*body) && body->size() < response.size());
  } else {
    fuzz::require(is_utf8(body.error().message) && body.error().message.find('\n') == std::string::npos);
  }
  return 0;
}
