// SPDX-License-Identifier: Apache-2.0
// Foreign text made safe, and the small strict grammars.
#include "lib/base/text.h"

#include "lib/model/endpoint.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const std::string_view text = fuzz::text(data, size);
  const std::string shown = printable(text);
  fuzz::require(is_utf8(shown));
  for (const char c : shown) fuzz::require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  fuzz::require(shown.size() >= text.size());

  if (const auto duration = parse_duration(text)) {
    fuzz::require(*duration > Duration::zero() && parse_duration(to_string(*duration)) == duration);
  }
  if (const auto address = parse_ip_address(text)) {
    fuzz::require(parse_ip_address(to_string(*address)) == address);
  }
  std::size_t length = 0;
  for (const std::string_view part : split(text, ' ')) length += part.size() + 1;
  fuzz::require(length == text.size() + 1);
  fuzz::require(trim(trim(text)) == trim(text));
  return 0;
}
