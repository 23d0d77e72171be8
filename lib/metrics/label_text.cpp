// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/label_text.h"

#include <algorithm>

#include "lib/base/text.h"

namespace sockwatch {

namespace {

bool continues_a_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

}  // namespace

std::string label_text(std::string_view foreign) {
  std::string text = printable(foreign);
  std::size_t end = std::min(text.size(), kMaxLabelBytes);
  while (end > 0 && end < text.size() && continues_a_character(text[end])) --end;
  text.resize(end);
  return text;
}

}  // namespace sockwatch
